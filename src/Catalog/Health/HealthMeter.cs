using System.Diagnostics.Metrics;

namespace Fairlead.Catalog.Health;

/// <summary>
/// The health of endpoints as instruments, by model, provider and tag. They read what the <see cref="HealthBook"/> knows anyway, so they cost nothing
/// until somebody looks.
/// </summary>
internal sealed class HealthMeter
{
    private const string Name = "Fairlead.Catalog";

    private readonly HealthBook book;

    public HealthMeter(IMeterFactory meters, HealthBook book)
    {
        this.book = book;
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("fairlead.endpoint.circuit_open", () => All(one => one.Current.Circuit == CircuitState.Closed ? 0 : 1), description: "1 while the endpoint's circuit is open.");
        meter.CreateObservableGauge("fairlead.endpoint.outage", () => All(one => one.Current.Outage ? 1 : 0), description: "1 while half of the attempts of 30 seconds fail.");
        meter.CreateObservableGauge("fairlead.endpoint.resting", () => All(one => one.Current.RestUntilMs > 0 ? 1 : 0), description: "1 while the endpoint rests after a 429, or until its rate limit leaves room.");
        meter.CreateObservableGauge(
            "fairlead.endpoint.broken", () => All(one => one.BrokenBy == EndpointFault.None ? 0 : 1), description: "1 while only the operator can mend the endpoint: its key, its account or its model name.");
        meter.CreateObservableCounter("fairlead.endpoint.circuit_openings", () => All(one => one.Openings), "{opening}", "How often the circuit opened.");
        meter.CreateObservableGauge("fairlead.endpoint.uptime_30m", () => Shares(one => one.Uptime30m), "1", "Share of the attempts of 30 minutes that did not fail; absent without attempts.");
        meter.CreateObservableGauge("fairlead.endpoint.first_token_5m", () => Medians(one => one.FirstToken5m, 1000), "s", "Median time to the first token over 5 minutes; absent without samples.");
        meter.CreateObservableGauge("fairlead.endpoint.throughput_5m", () => Medians(one => one.Throughput5m, 1), "{token}/s", "Median output tokens per second over 5 minutes; absent without samples.");
    }

    private IEnumerable<Measurement<long>> All(Func<EndpointMonitor, long> read) => book.Monitors.Select(one => new Measurement<long>(read(one), Tags(one)));

    private IEnumerable<Measurement<double>> Shares(Func<EndpointHealth, Uptime> read) =>
        from one in book.Monitors
        let uptime = read(one.Current)
        where uptime.Requests > 0
        select new Measurement<double>(1 - ((double)uptime.Failures / uptime.Requests), Tags(one));

    private IEnumerable<Measurement<double>> Medians(Func<EndpointHealth, Percentiles> read, double perUnit) =>
        from one in book.Monitors
        let percentiles = read(one.Current)
        where percentiles.Samples > 0
        select new Measurement<double>(percentiles.P50 / perUnit, Tags(one));

    private static KeyValuePair<string, object?>[] Tags(EndpointMonitor one) =>
        [new("model", one.Endpoint.ModelId), new("provider", one.Endpoint.Provider.Slug), new("tag", one.Endpoint.Tag)];
}
