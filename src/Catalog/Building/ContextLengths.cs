using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Building;

/// <summary>
/// The context length of endpoints: what is written on them, else on their model, else that of the shipped model with the same id or canonical slug, else what the
/// provider's server says, else <see cref="Usual"/>, with a warning.
/// </summary>
internal sealed class ContextLengths
{
    /// <summary>What a model gets of which nobody says it: every current one has at least this.</summary>
    public const int Usual = 8192;

    private readonly Dictionary<string, int> shipped = new(StringComparer.OrdinalIgnoreCase);
    private readonly IReadOnlyList<DiscoveredModels> discovered;
    private readonly MistakeList warnings;
    private readonly List<string> learnt = [];

    /// <summary>Looks up in these.</summary>
    /// <param name="shipped">The models of the shipped catalog as they stand there, whatever replaces them.</param>
    /// <param name="discovered">What servers have, as far as they were asked.</param>
    /// <param name="warnings">Takes that nobody says one.</param>
    public ContextLengths(IEnumerable<ModelEntry> shipped, IReadOnlyList<DiscoveredModels> discovered, MistakeList warnings)
    {
        (this.discovered, this.warnings) = (discovered, warnings);
        foreach (var model in shipped)
        {
            if ((model.ContextLength ?? model.Endpoints.Max(static endpoint => endpoint.ContextLength)) is not { } length)
                continue;
            this.shipped[model.Id] = length;
            if (model.CanonicalSlug is { } slug)
                this.shipped.TryAdd(slug, length);
        }
    }

    /// <summary>What servers said that is used, one line an endpoint, in order: a part of what the catalog is made of.</summary>
    public IReadOnlyList<string> Learnt => learnt;

    /// <summary>In tokens.</summary>
    /// <param name="model">What the endpoint is of.</param>
    /// <param name="endpoint">As written.</param>
    /// <param name="provider">Whose it is.</param>
    /// <param name="upstreamModel">What the provider calls the model; null where that is not known.</param>
    public int Of(ModelEntry model, EndpointEntry endpoint, Provider provider, string? upstreamModel)
    {
        if ((endpoint.ContextLength ?? model.ContextLength ?? Shipped(model)) is { } known)
            return known;
        if (Said(provider, upstreamModel) is { } said)
        {
            learnt.Add(FormattableString.Invariant($"{model.Id} {provider.Slug} {upstreamModel} {said}"));
            return said;
        }

        warnings.Add(endpoint.At, $"is missing here and on the model, and the shipped catalog has no such model: {Usual} tokens are taken for prompt and answer together{Hint(provider)}.", "context_length");
        return Usual;
    }

    private int? Shipped(ModelEntry model) =>
        shipped.TryGetValue(model.Id, out var length) || (model.CanonicalSlug is { } slug && shipped.TryGetValue(slug, out length)) ? length : null;

    private int? Said(Provider provider, string? upstreamModel)
    {
        if (upstreamModel is null || !provider.DiscoverModels)
            return null;
        var models = discovered.FirstOrDefault(server => server.Provider == provider.Slug && server.BaseUrl == provider.BaseUrl)?.Models ?? [];
        // Ollama's own rule: a name without a tag is the one with "latest".
        var named = models.FirstOrDefault(model => model.Name == upstreamModel)
            ?? (provider.Protocol == UpstreamProtocol.Ollama ? models.FirstOrDefault(model => model.Name == upstreamModel + ":latest") : null);
        return named?.ContextLength;
    }

    private static string Hint(Provider provider) => provider.DiscoverModels
        ? $", unless the server of \"{provider.Slug}\" says more or less when it is asked"
        : ModelServer.Knows(provider.Protocol) && provider.AllowPrivateNetwork
            ? $"; \"discover_models\": true on provider \"{provider.Slug}\" has its server asked"
            : "";
}
