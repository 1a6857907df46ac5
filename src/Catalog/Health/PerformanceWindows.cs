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

    /// <summary>Adds the counts of the last 5 minutes to <paramref name="bins"/>.</summary>
    public void AddShort(Span<int> bins, long nowMs) => minutes5.AddTo(bins, nowMs);

    /// <summary>Adds the counts of the last 30 minutes to <paramref name="bins"/>.</summary>
    public void AddLong(Span<int> bins, long nowMs) => minutes30.AddTo(bins, nowMs);
}
