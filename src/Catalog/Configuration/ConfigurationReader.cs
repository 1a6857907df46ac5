using System.Text.Json;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads one document of configuration and reports everything wrong in it that can be seen without the other documents.</summary>
internal static class ConfigurationReader
{
    private static readonly MemberNames Members = new("the configuration", "sources", "catalog", "inference", "providers", "models");
    private static readonly MemberNames SourceMembers = new("a source", "file", "date", "origin", "licence", "facts");

    /// <summary>The layer; what could not be read is missing from it and in <paramref name="mistakes"/>.</summary>
    public static ConfigurationLayer Read(ConfigurationDocument document, TextPool pool, MistakeList mistakes)
    {
        if (document.Json.Span.StartsWith("\uFEFF"u8))
            document = document with { Json = document.Json[3..] };
        var layer = new ConfigurationLayer { Document = document };
        if (document.Json.Length > ConfigurationDocument.MaxBytes)
        {
            mistakes.Add(new(document.Name, 1, 1, "", $"is larger than {ConfigurationDocument.MaxBytes / (1024 * 1024)} MiB."));
            return layer;
        }

        try
        {
            var json = new ConfigurationCursor(document, pool, mistakes);
            json.Start();
            ReadDocument(ref json, layer);
            json.Finish();
        }
        catch (JsonException broken)
        {
            mistakes.Add(Syntax(document, broken));
        }

        return layer;
    }

    private static void ReadDocument(ref ConfigurationCursor json, ConfigurationLayer layer)
    {
        if (!json.EnterObject())
            return;
        while (json.NextMember(Members, out var name))
        {
            switch (name)
            {
                case "catalog": OptionsReader.ReadCatalog(ref json, layer.Options); break;
                case "inference": OptionsReader.ReadInference(ref json, layer.Options); break;
                case "providers": ReadProviders(ref json, layer.Providers); break;
                case "models": ReadModels(ref json, layer.Models); break;
                default: ReadSources(ref json); break;
            }
        }
    }

    private static void ReadProviders(ref ConfigurationCursor json, List<ProviderEntry> providers)
    {
        if (json.IsNull || !json.EnterList())
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (json.NextElement())
        {
            if (ProviderReader.Read(ref json) is not { } provider)
                continue;
            if (!seen.Add(provider.Slug))
                json.Report(provider.At, $"provider \"{provider.Slug}\" is given twice in this file.");
            providers.Add(provider);
        }
    }

    private static void ReadModels(ref ConfigurationCursor json, List<ModelEntry> models)
    {
        if (json.IsNull || !json.EnterList())
            return;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (json.NextElement())
        {
            if (ModelReader.Read(ref json) is not { } model)
                continue;
            if (!seen.Add(model.Id))
                json.Report(model.At, $"model \"{model.Id}\" is given twice in this file.");
            models.Add(model);
        }
    }

    // Where the facts of the shipped catalog come from; nothing at run time depends on it.
    private static void ReadSources(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterList())
            return;
        while (json.NextElement())
        {
            if (!json.EnterObject())
                continue;
            while (json.NextMember(SourceMembers, out _))
                json.Text();
        }
    }

    private static ConfigurationMistake Syntax(ConfigurationDocument document, JsonException broken)
    {
        // The reader's own sentence ends with its position, which we give in our own form.
        var reason = broken.Message;
        if (reason.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end)
            reason = reason[..end];
        var line = (int)(broken.LineNumber ?? 0);
        var bytes = document.Json.Span;
        var start = 0;
        for (var i = 0; i < line && bytes[start..].IndexOf((byte)'\n') is >= 0 and var next; i++)
            start += next + 1;
        var (atLine, atColumn) = SourcePoint.LineAndColumn(bytes, start + (broken.BytePositionInLine ?? 0));
        return new(document.Name, atLine, atColumn, "", $"is not valid JSON: {reason}");
    }
}
