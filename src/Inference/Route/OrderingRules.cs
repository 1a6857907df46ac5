using Fairlead.Catalog.Configuration;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>
/// What the order of a plan depends on, beside the candidates' own facts (<see cref="Standing"/>): all of it is stored with the decision, so that a stored
/// decision can be ordered again without request or catalog. Immutable.
/// </summary>
internal sealed record OrderingRules
{
    /// <summary>Of a request that asks for nothing.</summary>
    public static OrderingRules Default { get; } = new();

    /// <summary>All models' endpoints are ordered together (<c>partition: "none"</c>), by the first model's sort.</summary>
    public bool Together { get; init; }
    /// <summary>Other endpoints may serve when the first choice fails.</summary>
    public bool AllowFallbacks { get; init; } = true;
    /// <summary>The caller gave an <c>order</c>: nothing is drawn outside one entry of it, and prompt caches do not count.</summary>
    public bool Ordered { get; init; }
    /// <summary>Slower endpoints go behind, tokens per second; null without a wish.</summary>
    public Cutoffs? PreferredThroughput { get; init; }
    /// <summary>Endpoints with a later first token go behind, seconds; null without a wish.</summary>
    public Cutoffs? PreferredLatency { get; init; }
    /// <summary><c>min_throughput</c> was given: endpoints without data are kept, last .</summary>
    public bool NeedsThroughput { get; init; }
    /// <summary><c>max_latency</c> was given.</summary>
    public bool NeedsLatency { get; init; }
    /// <summary>From how many answers on quality is judged.</summary>
    public ExactoOptions Exacto { get; init; } = ExactoOptions.Default;

    /// <summary>The rules of a request.</summary>
    public static OrderingRules Of(CanonicalRequest request, ExactoOptions exacto)
    {
        var wish = request.Provider;
        if (ReferenceEquals(wish, ProviderPreferences.Default) && request.SortsTogether is null && ReferenceEquals(exacto, ExactoOptions.Default))
            return Default;
        return new OrderingRules
        {
            Together = (wish.SortPartition is { } partition ? partition == "none" : request.SortsTogether) ?? false,
            AllowFallbacks = wish.AllowFallbacks,
            Ordered = wish.Order.Count > 0,
            PreferredThroughput = wish.PreferredMinThroughput,
            PreferredLatency = wish.PreferredMaxLatency,
            NeedsThroughput = wish.MinThroughput is not null,
            NeedsLatency = wish.MaxLatency is not null,
            Exacto = exacto,
        };
    }
}
