namespace Fairlead.Catalog.Health;

/// <summary>One measure over the last 5 minutes, which routing decides by, and the last 30, which the endpoints API shows.</summary>
internal sealed class PerformanceWindows
{
    private readonly SampleWindow minutes5 = new(30_000, 10);
    private readonly SampleWindow minutes30 = new(180_000, 10);

    public void Add(long nowMs, double value)
    {
        minutes5.Add(nowMs, value);
        minutes30.Add(nowMs, value);
    }

    public Percentiles Short(long nowMs, bool descending) => Of(minutes5, nowMs, descending);

    public Percentiles Long(long nowMs, bool descending) => Of(minutes30, nowMs, descending);

    private static Percentiles Of(SampleWindow window, long nowMs, bool descending)
    {
        Span<int> bins = stackalloc int[SampleWindow.Bins];
        bins.Clear();
        window.AddTo(bins, nowMs);
        return SampleWindow.PercentilesOf(bins, descending);
    }
}
