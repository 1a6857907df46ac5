namespace Fairlead.Testing;

/// <summary>
/// A clock that stands still until it is moved. Setting <see cref="Now"/> is somebody setting the machine's clock: no time passes. <see cref="Pass"/> is time
/// going by. Timers run on the machine's time.
/// </summary>
public sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;
    private long _passed = TimeSpan.TicksPerDay;

    /// <summary>The moment it shows.</summary>
    public DateTimeOffset Now
    {
        get => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _ticks, value.UtcTicks);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Interlocked.Read(ref _passed);

    /// <summary>Lets time go by, for durations and for the moment shown.</summary>
    public void Pass(TimeSpan time)
    {
        Interlocked.Add(ref _passed, time.Ticks);
        Interlocked.Add(ref _ticks, time.Ticks);
    }
}
