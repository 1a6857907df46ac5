namespace Fairlead.Catalog.Health;

/// <summary>
/// Attempts and failures of the last so many seconds: a ring of slots, each one word (<c>stamp | attempts | failures</c>) changed by one interlocked
/// operation. A slot whose stamp is of an earlier round counts nothing, so nothing has to be cleared and no count is lost. Lock-free; adding allocates
/// nothing. Times are milliseconds of a clock that only goes forward.
/// </summary>
internal sealed class OutcomeWindow(int slotMs, int slots)
{
    // 4 million attempts in a slot; then it stops counting rather than spill into the stamp. A stamp comes round after a million slots.
    private const int CountBits = 22;
    private const long Most = (1L << CountBits) - 1;
    private const long StampMask = (1L << 20) - 1;

    private readonly long[] ring = new long[slots];

    public void Add(long nowMs, bool failed)
    {
        var tick = nowMs / slotMs;
        ref var slot = ref ring[(int)(tick % ring.Length)];
        var stamp = (tick & StampMask) << (2 * CountBits);
        var seen = Volatile.Read(ref slot);
        while (true)
        {
            var (attempts, failures) = Counts(seen, stamp);
            if (attempts == Most)
                return;
            var next = stamp | ((attempts + 1) << CountBits) | (failed ? failures + 1 : failures);
            var before = Interlocked.CompareExchange(ref slot, next, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>What the newest <paramref name="newest"/> slots hold; the one of this moment is among them.</summary>
    public Uptime Sum(long nowMs, int newest)
    {
        var tick = nowMs / slotMs;
        var (requests, failed) = (0L, 0L);
        for (var back = 0; back < newest && back <= tick; back++)
        {
            var at = tick - back;
            var (attempts, failures) = Counts(Volatile.Read(ref ring[(int)(at % ring.Length)]), (at & StampMask) << (2 * CountBits));
            requests += attempts;
            failed += failures;
        }

        return new Uptime((int)Math.Min(requests, int.MaxValue), (int)Math.Min(failed, int.MaxValue));
    }

    /// <summary>Forgets everything. What is added at this very moment may be forgotten too.</summary>
    public void Clear()
    {
        foreach (ref var slot in ring.AsSpan())
            Volatile.Write(ref slot, 0);
    }

    private static (long Attempts, long Failures) Counts(long slot, long stamp) =>
        (slot & (StampMask << (2 * CountBits))) == stamp ? ((slot >> CountBits) & Most, slot & Most) : (0, 0);
}
