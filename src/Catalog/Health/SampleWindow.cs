namespace Fairlead.Catalog.Health;

/// <summary>
/// Percentiles of a measure over the last so many seconds: a ring of histograms with six bins to a doubling, so that a percentile is within 6 % of the
/// truth. Each bin is one word (<c>stamp | count</c>), changed by one interlocked operation; bins of an earlier round count nothing. Lock-free; adding
/// allocates nothing.
/// </summary>
internal sealed class SampleWindow(int slotMs, int slots)
{
    /// <summary>Bins of one slot: values from 1/16 to 262,144 in whatever unit; beyond those they count as the limit.</summary>
    public const int Bins = 132;

    private const int BinsPerDoubling = 6;
    private const int BinOfOne = 24;
    private const int CountBits = 22;
    private const int Most = (1 << CountBits) - 1;
    private const int StampMask = (1 << 10) - 1;

    private readonly int[] ring = new int[slots * Bins];

    public void Add(long nowMs, double value)
    {
        var tick = nowMs / slotMs;
        ref var bin = ref ring[((int)(tick % slots) * Bins) + BinOf(value)];
        var stamp = Stamp(tick);
        var seen = Volatile.Read(ref bin);
        while (true)
        {
            var count = Count(seen, stamp);
            if (count == Most)
                return;
            var before = Interlocked.CompareExchange(ref bin, stamp | (count + 1), seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>Adds the counts of every slot in the window to <paramref name="bins"/>.</summary>
    public void AddTo(Span<int> bins, long nowMs)
    {
        var tick = nowMs / slotMs;
        for (var back = 0; back < slots && back <= tick; back++)
        {
            var at = tick - back;
            var stamp = Stamp(at);
            var slot = ring.AsSpan((int)(at % slots) * Bins, Bins);
            for (var i = 0; i < Bins; i++)
                bins[i] += Count(Volatile.Read(ref slot[i]), stamp);
        }
    }

    /// <summary>Percentiles of counted bins. <paramref name="descending"/>: pX is what X % reach or exceed (throughput, R-22).</summary>
    public static Percentiles PercentilesOf(ReadOnlySpan<int> bins, bool descending)
    {
        var samples = 0;
        foreach (var count in bins)
            samples += count;
        return samples == 0
            ? default
            : new Percentiles(samples, At(bins, samples, 0.5, descending), At(bins, samples, 0.75, descending), At(bins, samples, 0.9, descending), At(bins, samples, 0.99, descending));
    }

    private static float At(ReadOnlySpan<int> bins, int samples, double share, bool descending)
    {
        var rank = (descending ? 1 - share : share) * samples;
        var below = 0;
        for (var i = 0; i < bins.Length; i++)
        {
            if (bins[i] == 0)
                continue;
            if (below + bins[i] >= rank)
            {
                var within = Math.Clamp((rank - below) / bins[i], 0, 1);
                return MathF.Pow(2, (float)((i + within - BinOfOne) / BinsPerDoubling));
            }

            below += bins[i];
        }

        return MathF.Pow(2, (float)(bins.Length - BinOfOne) / BinsPerDoubling);
    }

    private static int BinOf(double value) =>
        value > 0 ? Math.Clamp((int)MathF.Floor(MathF.Log2((float)value) * BinsPerDoubling) + BinOfOne, 0, Bins - 1) : 0;

    private static int Stamp(long tick) => (int)(tick & StampMask) << CountBits;

    private static int Count(int bin, int stamp) => (bin & (StampMask << CountBits)) == stamp ? bin & Most : 0;
}
