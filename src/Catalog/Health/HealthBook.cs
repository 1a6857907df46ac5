using System.Collections.Concurrent;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health.Sharing;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Health;

/// <summary>
/// The health of every endpoint in use: a monitor for each, and the snapshot that routing and the API read. One per process; thread-safe. Its clock only
/// goes forward, whoever sets the machine's.
/// </summary>
public sealed class HealthBook(CatalogSource catalog, TimeProvider time)
{
    private const int RoundsToMeasureAll = 5;

    private readonly ConcurrentDictionary<string, EndpointMonitor> monitors = new(StringComparer.Ordinal);
    private readonly long startedAt = time.GetTimestamp();
    private readonly Lock gate = new();
    // What other nodes say of endpoints that were not used here yet.
    private readonly ConcurrentDictionary<string, PeerReports> peers = new(StringComparer.Ordinal);
    private volatile HealthSnapshot current = HealthSnapshot.Empty;
    private int round;

    /// <summary>The snapshot in force. Take it once per request.</summary>
    public HealthSnapshot Current => current;

    /// <summary>Every endpoint of which something is known, in no order.</summary>
    public IEnumerable<EndpointMonitor> Monitors => monitors.Values;

    internal CircuitOptions Options => catalog.Current.Options.Circuit;

    /// <summary>The monitor of an endpoint; the same one as long as anything about it is remembered, also after the catalog changed.</summary>
    public EndpointMonitor For(ModelEndpoint endpoint) =>
        monitors.TryGetValue(endpoint.Id, out var monitor) ? monitor : Add(endpoint);

    /// <summary>Measures every endpoint and publishes what changed. Called every second.</summary>
    public void Refresh()
    {
        var all = Interlocked.Increment(ref round) % RoundsToMeasureAll == 0;
        var (now, unix, changed) = (NowMs(), UnixMs(), false);
        foreach (var (id, monitor) in monitors)
        {
            if (monitor.IsForgotten(now))
                changed |= monitors.TryRemove(id, out _);
            else
                changed |= monitor.Measure(now, unix, all);
        }

        if (changed)
            Publish();
    }

    /// <summary>Puts a snapshot in force that holds what every monitor says now.</summary>
    internal void Publish()
    {
        lock (gate)
            current = new HealthSnapshot(monitors.Select(static one => KeyValuePair.Create(one.Key, one.Value.Current)));
    }

    /// <summary>Milliseconds, above 0, of a clock that only goes forward.</summary>
    internal long NowMs() => 1 + (long)time.GetElapsedTime(startedAt).TotalMilliseconds;

    internal long UnixMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Another node says how an endpoint is doing there; <paramref name="ageMs"/> ago.</summary>
    internal void Hear(string node, string endpointId, HealthReport report, int ageMs)
    {
        PeersOf(endpointId).Hear(node, report, NowMs(), ageMs);
        // An endpoint that only others use is known here too: routing and the endpoints API ask for it.
        if (monitors.TryGetValue(endpointId, out var monitor) || Named(endpointId) is { } endpoint && (monitor = Add(endpoint)) is not null)
            monitor.HeardOf(report.RestForMs - ageMs);
    }

    /// <summary>A node is gone: what it said counts no more.</summary>
    internal void Forget(string node)
    {
        foreach (var reports in peers.Values)
            reports.Forget(node);
    }

    private ModelEndpoint? Named(string endpointId) =>
        catalog.Current.Models.SelectMany(static model => model.Endpoints).FirstOrDefault(endpoint => endpoint.Id == endpointId);

    internal PeerReports PeersOf(string endpointId) => peers.GetOrAdd(endpointId, static _ => new PeerReports());

    private EndpointMonitor Add(ModelEndpoint endpoint) => monitors.GetOrAdd(endpoint.Id, static (_, of) => new EndpointMonitor(of.Book, of.Endpoint), (Book: this, Endpoint: endpoint));
}
