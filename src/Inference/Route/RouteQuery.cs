using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>How the caller's slug asked for the order: <c>:nitro</c>, <c>:floor</c>.</summary>
internal enum RouteSort
{
    /// <summary>Nothing said: price-weighted choice.</summary>
    Default,
    /// <summary>Cheapest first.</summary>
    Price,
    /// <summary>Fastest first. Needs measurements this version does not take; sorts by price until they exist (R-21: no samples, by price).</summary>
    Throughput,
    /// <summary>Quickest first token first; as <see cref="Throughput"/>.</summary>
    Latency,
}

/// <summary>One model of a request, in order of preference.</summary>
internal readonly record struct RequestedModel(Model Model, RouteSort Sort);

/// <summary>Everything routing decides by. No clock, no I/O.</summary>
internal sealed class RouteQuery
{
    public required CanonicalRequest Request { get; init; }
    /// <summary>Models in order of preference; at least one.</summary>
    public required IReadOnlyList<RequestedModel> Models { get; init; }
    public required long CatalogVersion { get; init; }
    /// <summary>How each endpoint has been doing.</summary>
    public required HealthSnapshot Health { get; init; }
    /// <summary>When the request arrived, Unix milliseconds: what rests are measured against.</summary>
    public required long NowMs { get; init; }
    /// <summary>Output tokens held when the caller gives no maximum (I-63).</summary>
    public int DefaultOutputTokens { get; init; } = 8192;
}
