namespace Fairlead.Accounts.Limits;

/// <summary>Ticks of a monotonic clock and time, without fractions.</summary>
internal readonly record struct TickScale(long Frequency)
{
    /// <summary>How many ticks a time is.</summary>
    public long Ticks(TimeSpan time) => (long)((Int128)time.Ticks * Frequency / TimeSpan.TicksPerSecond);

    /// <summary>How long ticks are, rounded up: whoever waits as long is never too early.</summary>
    public TimeSpan Time(long ticks) => new((long)((((Int128)ticks * TimeSpan.TicksPerSecond) + Frequency - 1) / Frequency));
}
