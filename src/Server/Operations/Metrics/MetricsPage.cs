using System.Diagnostics.Metrics;
using System.Text;

namespace Fairlead.Server.Operations.Metrics;

/// <summary>
/// Listens to every meter of this program (<c>Fairlead.*</c>) and writes <c>GET /metrics</c> in Prometheus' text format, version 0.0.4. One per
/// process; belongs to one <see cref="IMeterFactory"/>, so that two hosts in one process (tests) do not count each other's requests.
/// </summary>
internal sealed class MetricsPage : IDisposable
{
    /// <summary>The content type of the page.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string Ours = "Fairlead.";

    // Fit for seconds from a tenth of a millisecond (our own overhead) to ten minutes (a long answer), used when an instrument gives no advice.
    private static readonly double[] DefaultBounds =
        [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 600];

    private readonly MeterListener listener = new();
    private readonly Lock adding = new();
    private List<InstrumentSeries> instruments = [];

    /// <summary>Starts to listen to meters that <paramref name="factory"/> made or will make.</summary>
    public MetricsPage(IMeterFactory factory)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (!instrument.Meter.Name.StartsWith(Ours, StringComparison.Ordinal) || !ReferenceEquals(instrument.Meter.Scope, factory))
                return;
            self.EnableMeasurementEvents(instrument, Add(instrument));
        };
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => Take(state, value, tags));
        listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => Take(state, value, tags));
        listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => Take(state, (double)value, tags));
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => Take(state, value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => Take(state, value, tags));
        listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => Take(state, value, tags));
        listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => Take(state, value, tags));
        listener.Start();
    }

    /// <summary>The whole page, metrics sorted by name.</summary>
    public string Write()
    {
        listener.RecordObservableInstruments();
        var page = new StringBuilder(16 * 1024);
        foreach (var instrument in Volatile.Read(ref instruments))
            instrument.Write(page);
        return page.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private static void Take(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => ((InstrumentSeries)state!).Add(value, tags);

    private InstrumentSeries Add(Instrument instrument)
    {
        lock (adding)
        {
            var added = new InstrumentSeries(instrument, Bounds(instrument));
            // The same name twice on a page makes a scraper refuse all of it: a second instrument of a name joins the first.
            if (instruments.Find(known => known.Name == added.Name) is { } twin)
                return twin;
            Volatile.Write(ref instruments, [.. instruments.Append(added).OrderBy(entry => entry.Name, StringComparer.Ordinal)]);
            return added;
        }
    }

    private static double[] Bounds(Instrument instrument) => instrument switch
    {
        Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Instrument<float> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Instrument<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        Instrument<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };
}
