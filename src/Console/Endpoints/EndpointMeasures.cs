using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Endpoints;

/// <summary>What the wire shows of the health of endpoints (platform §3.3, P11, P12).</summary>
/// <param name="Health">The snapshot of this answer.</param>
/// <param name="ShowsSpeeds">The caller has a key.</param>
internal sealed record EndpointMeasures(HealthSnapshot Health, bool ShowsSpeeds)
{
    private const int LeastSamples = 5;
    private const double Degraded = 0.95;
    private const double Down = 0.8;

    public EndpointHealth Of(ModelEndpoint endpoint) => Health.Of(endpoint.Id);

    /// <summary>0 healthy, −1 degraded, −2 last resort only; what the operator declared stands where it is worse.</summary>
    public int Status(ModelEndpoint endpoint)
    {
        var health = Of(endpoint);
        var seen = health.Circuit != CircuitState.Closed || health.Uptime30m.Share < Down ? -2
            : health.Outage || health.Uptime30m.Share < Degraded ? -1
            : 0;
        return Math.Min(seen, endpoint.Status);
    }

    /// <summary>Percent with two decimals; null with too little data.</summary>
    public static decimal? Percent(Uptime uptime) => uptime.Share is { } share ? Math.Round((decimal)share * 100, 2) : null;

    /// <summary>Percentiles with one decimal; null with too little data and for callers without a key.</summary>
    public PercentilesObject? Speed(Percentiles of) => !ShowsSpeeds || of.Samples < LeastSamples ? null : new()
    {
        P50 = Math.Round((decimal)of.P50, 1),
        P75 = Math.Round((decimal)of.P75, 1),
        P90 = Math.Round((decimal)of.P90, 1),
        P99 = Math.Round((decimal)of.P99, 1),
    };
}
