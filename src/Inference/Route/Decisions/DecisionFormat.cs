namespace Fairlead.Inference.Route.Decisions;

/// <summary>
/// The bytes of a stored decision, kept as base64 text. Numbers are variable-length integers where small ones are usual, little-endian otherwise; texts are
/// UTF-8 behind their length; a UUID is 16 bytes behind the length 0.
/// <list type="number">
/// <item>version (1), seed, catalog version;</item>
/// <item>rules: <see cref="Rule"/> flags, cutoffs as four doubles each (NaN is none), thresholds of quality;</item>
/// <item>models: count, then slug and sort;</item>
/// <item>candidates: count, then model, filter, <see cref="Fact"/> flags, circuit, name, price, costs, place, and what the flags announce;</item>
/// <item>only where a router chose the models: its slug, kind, task and reason.</item>
/// </list>
/// </summary>
internal static class DecisionFormat
{
    public const byte Version = 1;

    [Flags]
    public enum Rule : byte
    {
        None = 0,
        Together = 1,
        AllowFallbacks = 2,
        Ordered = 4,
        PreferredThroughput = 8,
        PreferredLatency = 16,
        NeedsThroughput = 32,
        NeedsLatency = 64,
    }

    [Flags]
    public enum Fact : ushort
    {
        None = 0,
        Outage = 1,
        Resting = 2,
        Deranked = 4,
        Curated = 8,
        Priority = 16,
        Sticky = 32,
        Listed = 64,
        Odds = 128,
        Uptime = 256,
        Throughput = 512,
        FirstToken = 1024,
        Quality = 2048,
        Lowered = 4096,
    }

    /// <summary>Tokens per second ordered or filtered.</summary>
    public static bool UsesThroughput(OrderingRules rules, RouteSort sort) =>
        sort == RouteSort.Throughput || rules.PreferredThroughput is not null || rules.NeedsThroughput;

    /// <summary>The time to the first token did.</summary>
    public static bool UsesFirstToken(OrderingRules rules, RouteSort sort) =>
        sort == RouteSort.Latency || rules.PreferredLatency is not null || rules.NeedsLatency;
}
