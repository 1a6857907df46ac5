using Fairlead.Catalog.Health;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>What measurements say: from how many samples on they count, and which endpoints a caller prefers by them .</summary>
internal static class Performance
{
    /// <summary>Fewer samples of the last 5 minutes are no data .</summary>
    public const int LeastSamples = 5;

    public static bool HasData(in Percentiles measured) => measured.Samples >= LeastSamples;

    /// <summary>Every cutoff the caller gave holds. An endpoint without data is not preferred.</summary>
    public static bool IsPreferred(EndpointHealth health, OrderingRules rules) =>
        (rules.PreferredThroughput is not { } least || (HasData(health.Throughput5m) && AtLeast(health.Throughput5m, least)))
        && (rules.PreferredLatency is not { } most || (HasData(health.FirstToken5m) && AtMost(health.FirstToken5m, most)));

    private static bool AtLeast(in Percentiles tokensPerSecond, Cutoffs least) =>
        !(tokensPerSecond.P50 < least.P50 || tokensPerSecond.P75 < least.P75 || tokensPerSecond.P90 < least.P90 || tokensPerSecond.P99 < least.P99);

    private static bool AtMost(in Percentiles milliseconds, Cutoffs seconds) =>
        !(milliseconds.P50 > seconds.P50 * 1000 || milliseconds.P75 > seconds.P75 * 1000 || milliseconds.P90 > seconds.P90 * 1000
            || milliseconds.P99 > seconds.P99 * 1000);
}
