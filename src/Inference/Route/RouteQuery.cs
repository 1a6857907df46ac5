using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>One model of a request, in order of preference.</summary>
/// <param name="Model">The model.</param>
/// <param name="Sort">What orders its endpoints.</param>
/// <param name="Curated">The operator's list of good endpoints for <c>:exacto</c> (R-05), or null.</param>
/// <param name="AlsoTier">A service tier whose endpoints may serve beside those of the default one.</param>
internal readonly record struct RequestedModel(Model Model, RouteSort Sort, Model? Curated = null, ServiceTier AlsoTier = ServiceTier.Default);

/// <summary>The endpoint that has the conversation in its prompt cache.</summary>
/// <param name="EndpointId">Its id.</param>
/// <param name="CachedTokens">Tokens of the prompt it is expected to read from its cache.</param>
internal sealed record StickyEndpoint(string EndpointId, int CachedTokens);

/// <summary>Everything routing decides by. No clock, no I/O.</summary>
internal sealed class RouteQuery
{
    public required CanonicalRequest Request { get; init; }
    /// <summary>Models in order of preference; at least one, at most 255.</summary>
    public required IReadOnlyList<RequestedModel> Models { get; init; }
    /// <summary>What a router decided, for the explanation.</summary>
    public Routed? Routed { get; init; }
    public required long CatalogVersion { get; init; }
    /// <summary>How each endpoint has been doing.</summary>
    public required HealthSnapshot Health { get; init; }
    /// <summary>When the request arrived, Unix milliseconds: what rests are measured against.</summary>
    public required long NowMs { get; init; }
    /// <summary>What the account decided: providers, training, retention.</summary>
    public AccountSettings Account { get; init; } = AccountSettings.Default;
    /// <summary>Where the conversation was before, or null. Of the first model.</summary>
    public StickyEndpoint? Sticky { get; init; }
    /// <summary>How the length of the prompt counts.</summary>
    public PromptFit Fit { get; init; }
    /// <summary>From how many answers on quality is judged.</summary>
    public ExactoOptions Exacto { get; init; } = ExactoOptions.Default;
    /// <summary>Files are read for models that take none: they exclude nobody (§5).</summary>
    public bool FilesAreRead { get; init; }
    /// <summary>Output tokens held when the caller gives no maximum (I-63).</summary>
    public int DefaultOutputTokens { get; init; } = 8192;
}
