using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>Turns merged model entries into models, newest first.</summary>
internal sealed class ModelBuilder(
    Dictionary<string, Provider> providers, ConfigurationDocument? shipped, ContextLengths contextLengths, MistakeList mistakes, MistakeList warnings)
{
    private static readonly Architecture Text = new() { Modality = "text->text", InputModalities = ["text"], OutputModalities = ["text"] };
    private static readonly Dictionary<string, string?> NoDefaults = [];

    public IReadOnlyList<Model> Build(IEnumerable<ModelEntry> entries)
    {
        var models = entries.Select(Build).ToDictionary(m => m.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries.Where(entry => entry.AliasTarget is not null))
        {
            models.TryGetValue(entry.AliasTarget!, out var target);
            // An operator's alias is another name of one model; the shipped ones follow their family.
            if (entry.At.Document == shipped && LatestModels.IsAlias(entry.Id))
                target = LatestModels.Find(entry.Id, target, models.Values);
            if (target is not null)
                models[entry.Id] = Mirror(models[entry.Id], target);
        }

        return [.. models.Values.OrderByDescending(m => m.Created).ThenBy(m => m.Id, StringComparer.Ordinal)];
    }

    /// <summary>The row of an alias shows what its target can, under its own name.</summary>
    private static Model Mirror(Model alias, Model target) => alias with
    {
        AliasTarget = target.Id,
        LiveEndpoints = target.LiveEndpoints,
        ContextLength = target.ContextLength,
        Architecture = target.Architecture with { Tokenizer = alias.Architecture.Tokenizer ?? target.Architecture.Tokenizer },
        SupportedParameters = target.SupportedParameters,
        DefaultParameters = target.DefaultParameters,
        Reasoning = target.Reasoning,
        KnowledgeCutoff = target.KnowledgeCutoff,
        ExpirationDate = target.ExpirationDate,
        IsTrainableText = target.IsTrainableText,
    };

    private Model Build(ModelEntry entry)
    {
        var architecture = WithModality(entry.Architecture ?? Text);
        var endpointBuilder = new EndpointBuilder(entry, architecture, entry.At.Document == shipped, contextLengths, mistakes);
        var endpoints = new List<ModelEndpoint>(entry.Endpoints.Count);
        var tags = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var written in entry.Endpoints)
        {
            if (written.Provider is null || written.Pricing is null)
                continue; // reported while reading
            if (!providers.TryGetValue(written.Provider, out var provider))
            {
                mistakes.Add(written.At, UnknownProvider(written.Provider), "provider");
                continue;
            }

            var endpoint = endpointBuilder.Build(written, provider);
            if (!tags.Add(endpoint.Tag) && entry.At.Document != shipped)
                mistakes.Add(written.At, $"tag \"{endpoint.Tag}\" is used twice in this model.", "tag");
            if (endpoint.NotDispatchable is { } reason && written.NotDispatchable is null && entry.At.Document != shipped)
                warnings.Add(written.At, $"is listed but never dispatched: {reason}");
            endpoints.Add(endpoint);
        }

        // An operator may serve such a slug by endpoints of its own: then it is a model like any other.
        var router = endpoints.Count == 0 && entry.AliasTarget is null ? RouterSlugs.KindOf(entry.Id) : RouterKind.None;
        if (router == RouterKind.BodyBuilder)
            endpoints.Add(GatewayEndpoint.Of(entry.Id, entry.ContextLength));
        return new()
        {
            Id = entry.Id,
            Router = router,
            CanonicalSlug = entry.CanonicalSlug ?? entry.Id,
            Name = entry.Name ?? entry.Id,
            HuggingFaceId = entry.HuggingFaceId,
            Created = entry.Created ?? 0,
            ContextLength = entry.ContextLength ?? (endpoints.Count > 0 ? endpoints.Max(e => e.ContextLength) : null),
            Architecture = architecture,
            SupportedParameters = entry.SupportedParameters ?? [.. endpoints.SelectMany(e => e.SupportedParameters).Distinct().Order(StringComparer.Ordinal)],
            DefaultParameters = entry.DefaultParameters ?? NoDefaults,
            Reasoning = entry.Reasoning,
            KnowledgeCutoff = entry.KnowledgeCutoff,
            ExpirationDate = entry.ExpirationDate,
            AliasTarget = entry.AliasTarget,
            IsTrainableText = entry.IsTrainableText,
            Endpoints = endpoints.ToArray(),
            LiveEndpoints = endpoints.Where(e => e.Target is not null && e.Provider.Live && EndpointStatus.WhyWithheld(e.Status) is null).ToArray(),
        };
    }

    private string UnknownProvider(string slug) => Spelling.Nearest(slug, providers.Keys) is { } near
        ? $"there is no provider \"{slug}\"; did you mean \"{near}\"?"
        : $"there is no provider \"{slug}\" in the shipped catalog or the configuration files.";

    private static Architecture WithModality(Architecture read)
    {
        var inputs = read.InputModalities.Count > 0 ? read.InputModalities : Text.InputModalities;
        var outputs = read.OutputModalities.Count > 0 ? read.OutputModalities : Text.OutputModalities;
        return read with
        {
            InputModalities = inputs,
            OutputModalities = outputs,
            Modality = read.Modality ?? $"{string.Join('+', inputs)}->{string.Join('+', outputs)}",
        };
    }
}
