using Fairlead.Catalog.Health;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// Endpoints that rest: rate-limited ones for the time they announced, ones with broken credentials or unknown models for a minute. Route orders
/// them last. Reading is one volatile load; resting is rare.
/// </summary>
internal sealed class EndpointRests(TimeProvider time)
{
    /// <summary>Rest after a 429 that announced nothing.</summary>
    public static readonly TimeSpan Unannounced = TimeSpan.FromSeconds(5);

    /// <summary>Rest after an answer that only the operator can mend.</summary>
    public static readonly TimeSpan Broken = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> untilMs = new(StringComparer.Ordinal);
    private volatile HealthSnapshot health = HealthSnapshot.Empty;
    private long nextExpiryMs = long.MaxValue;

    /// <summary>Which endpoints rest, and until when.</summary>
    public HealthSnapshot Health()
    {
        if (health.Count == 0)
            return health;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (now >= Volatile.Read(ref nextExpiryMs))
            Rebuild(now);
        return health;
    }

    public void Rest(string endpointId, TimeSpan rest)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (gate)
        {
            untilMs[endpointId] = now + (long)Math.Min(rest.TotalMilliseconds, Longest.TotalMilliseconds);
        }

        Rebuild(now);
    }

    private void Rebuild(long now)
    {
        lock (gate)
        {
            foreach (var (id, until) in untilMs.ToArray())
            {
                if (until <= now)
                    untilMs.Remove(id);
            }

            health = new HealthSnapshot(untilMs.Select(rest => KeyValuePair.Create(rest.Key, new EndpointHealth { RestUntilMs = rest.Value })));
            Volatile.Write(ref nextExpiryMs, untilMs.Count == 0 ? long.MaxValue : untilMs.Values.Min());
        }
    }
}
