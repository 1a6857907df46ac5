using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Configuration;

/// <summary>Reads one element of <c>models</c>.</summary>
internal static class ModelReader
{
    private static readonly MemberNames Members = new("a model", "id", "canonical_slug", "name", "hugging_face_id", "created", "context_length", "architecture",
        "supported_parameters", "default_parameters", "reasoning", "knowledge_cutoff", "expiration_date", "alias_target", "is_trainable_text", "endpoints");

    private static readonly MemberNames ArchitectureMembers = new("architecture", "modality", "input_modalities", "output_modalities", "tokenizer", "instruct_type");
    private static readonly MemberNames ReasoningMembers =
        new("reasoning", "mandatory", "default_effort", "default_enabled", "supported_efforts", "supports_max_tokens");
    private static readonly MemberNames DefaultMembers =
        new("default_parameters", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "repetition_penalty");

    // Model ids end up in addresses and logs: no spaces, no control characters.
    private static bool IsSlug(string text) =>
        text.Length is > 0 and <= 200 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && text.IndexOfAny(['"', '\\', '<', '>', '?', '#', '%', '@']) < 0;

    public static ModelEntry? Read(ref ConfigurationCursor json)
    {
        var at = json.Here;
        if (!json.EnterObject())
            return null;
        string? id = null;
        var read = new ModelEntry { Id = "", At = at };
        while (json.NextMember(Members, out var name))
        {
            switch (name)
            {
                case "id": id = Slug(ref json); break;
                case "canonical_slug": read.CanonicalSlug = Slug(ref json); break;
                case "name": read.Name = json.Text(); break;
                case "hugging_face_id": read.HuggingFaceId = json.Text(); break;
                case "created": read.Created = json.Whole(0, 32_503_680_000); break;
                case "context_length": read.ContextLength = EndpointReader.Tokens(ref json); break;
                case "architecture": read.Architecture = ReadArchitecture(ref json); break;
                case "supported_parameters": read.SupportedParameters = json.Texts(); break;
                case "default_parameters": read.DefaultParameters = ReadDefaults(ref json); break;
                case "reasoning": read.Reasoning = ReadReasoning(ref json); break;
                case "knowledge_cutoff": read.KnowledgeCutoff = json.Text(40); break;
                case "expiration_date": read.ExpirationDate = json.Text(40); break;
                case "is_trainable_text": read.IsTrainableText = json.Flag(); break;
                case "alias_target": read.AliasTarget = Slug(ref json); break;
                default: ReadEndpoints(ref json, read.Endpoints); break;
            }
        }

        if (id is null)
        {
            if (!json.HasMistakeUnder("id"))
                json.Report(at, "\"id\" is missing: author/model, as callers write it.");
            return null;
        }

        read.Id = id;
        return read;
    }

    private static void ReadEndpoints(ref ConfigurationCursor json, List<EndpointEntry> endpoints)
    {
        if (json.IsNull || !json.EnterList())
            return;
        while (json.NextElement())
        {
            if (EndpointReader.Read(ref json) is { } endpoint)
                endpoints.Add(endpoint);
        }
    }

    private static string? Slug(ref ConfigurationCursor json)
    {
        var at = json.Mark;
        if (json.Text() is not { } slug)
            return null;
        if (IsSlug(slug) && slug.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < slug.Length - 1)
            return slug;
        json.Report(at, "must be author/model, with an optional :variant, without spaces, at most 200 characters.");
        return null;
    }

    private static Architecture? ReadArchitecture(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new Architecture();
        while (json.NextMember(ArchitectureMembers, out var name))
        {
            read = name switch
            {
                "modality" => read with { Modality = json.Text(100) },
                "input_modalities" => read with { InputModalities = json.Texts(40) ?? [] },
                "output_modalities" => read with { OutputModalities = json.Texts(40) ?? [] },
                "tokenizer" => read with { Tokenizer = json.Text(40) },
                _ => read with { InstructType = json.Text(40) },
            };
        }

        return read;
    }

    private static Dictionary<string, string?>? ReadDefaults(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new Dictionary<string, string?>(StringComparer.Ordinal);
        while (json.NextMember(DefaultMembers, out var name))
            read[name] = json.Number(-1000m, 1000m) is { } number ? Pricing.PriceText.Format(number) : null;
        return read;
    }

    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    private static IReadOnlyList<string> WeakestFirst(IReadOnlyList<string>? efforts) =>
        efforts is null ? [] : [.. efforts.OrderBy(e => Array.IndexOf(Efforts, e) is >= 0 and var at ? at : Efforts.Length)];

    private static ReasoningSupport? ReadReasoning(ref ConfigurationCursor json)
    {
        if (json.IsNull || !json.EnterObject())
            return null;
        var read = new ReasoningSupport(false, null, null, [], null);
        while (json.NextMember(ReasoningMembers, out var name))
        {
            read = name switch
            {
                "mandatory" => read with { Mandatory = json.Flag() ?? false },
                "default_effort" => read with { DefaultEffort = json.Text(20) },
                "default_enabled" => read with { DefaultEnabled = json.Flag() },
                "supported_efforts" => read with { SupportedEfforts = WeakestFirst(json.Texts(20)) },
                _ => read with { SupportsMaxTokens = json.Flag() },
            };
        }

        return read;
    }
}
