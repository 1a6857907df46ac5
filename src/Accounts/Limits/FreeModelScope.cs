using Fairlead.Accounts.Limits.Shares;

namespace Fairlead.Accounts.Limits;

/// <summary>
/// One account's requests for free models: of the last minute, and of the UTC day. Days only move forward with the clock; where it was set back, the day
/// already reached ends after 24 hours at the latest. Where several nodes share the limits, what is settled of the day is known from the database, and only what is not counts here.
/// </summary>
internal sealed class FreeModelScope(TickScale scale, NodeShare? share) : LimitScope(scale, share)
{
    private const long MsPerDay = 86_400_000;
    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    private long _began;
    private long _unsettled;

    /// <summary>What was used today before this process began is known; where limits are shared it is asked when the share is too small.</summary>
    public bool Loaded { get; private set; } = share is not null;

    /// <summary>The UTC day that is counted, from 1970-01-01.</summary>
    public long Day { get; private set; }

    /// <summary>Requests of that day; where limits are shared, those of them that were settled when this node last took a share.</summary>
    public long Used { get; private set; }

    /// <inheritdoc/>
    public override RateScope Kind => RateScope.FreeModels;

    /// <inheritdoc/>
    protected override RateAmounts Counted => RateAmounts.Of(Window.Requests, 0, 0, _unsettled);

    /// <inheritdoc/>
    protected override long CountedDay => Day;

    /// <inheritdoc/>
    protected override ReadOnlySpan<RateDimension> Order => [RateDimension.DailyRequests, RateDimension.Requests];

    public static long DayOf(DateTimeOffset utc) => utc.ToUnixTimeMilliseconds() / MsPerDay;

    /// <summary>Takes over what was used on a day. Takes the lock; only the first to come is heard.</summary>
    public void Load(long day, long used, long now)
    {
        lock (Sync)
        {
            if (!Loaded)
            {
                (Loaded, Day, Used, _began) = (true, day, used, now);
            }
        }
    }

    /// <summary>Begins another day where one has come.</summary>
    public override void MoveTo(long now, DateTimeOffset utc)
    {
        Window.MoveTo(now);
        var today = DayOf(utc);
        if (today > Day || (today < Day && Scale.Time(now - _began) >= OneDay))
        {
            (Day, Used, _unsettled, _began) = (today, 0, 0, now);
            Share?.BeginDay();
        }
    }

    /// <summary>What refuses one more request, or null. Call <see cref="MoveTo"/> before.</summary>
    public ScopeRefusal? Refuses(in FreeModelAllowance limits, long now, DateTimeOffset utc)
    {
        if (Used >= limits.PerDay)
        {
            return new(RateDimension.DailyRequests, limits.PerDay.Value, 0, UntilTomorrow(now, utc));
        }

        return Window.Requests >= limits.PerMinute
            ? new(RateDimension.Requests, limits.PerMinute.Value, 0, Scale.Time(Window.WaitFor(now, limits.PerMinute.Value - 1, long.MaxValue)))
            : null;
    }

    /// <summary>Counts a request that begins. Returns its slot in the window.</summary>
    public long Begin(long now)
    {
        if (Share is null)
        {
            Used++;
        }
        else
        {
            _unsettled++;
        }

        return Begin(now, tokens: 0);
    }

    /// <summary>A request ended. Takes the lock.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="day">The day it was begun on.</param>
    /// <param name="counts">It was one for a free model after all.</param>
    /// <param name="settled">It is in the sums of settled requests.</param>
    public void End(long slot, long day, bool counts, bool settled)
    {
        lock (Sync)
        {
            End(slot, counts ? 0 : -1, tokens: 0);
            if (day != Day)
            {
                return;
            }

            if (Share is null)
            {
                Used -= counts ? 0 : 1;
            }
            else if (!counts || settled)
            {
                _unsettled--;
                if (counts)
                {
                    Share.DropToday();
                }
            }
        }
    }

    /// <inheritdoc/>
    protected override void Settled(long today, long day) => Used = day == Day ? Math.Max(Used, today) : Used;

    /// <inheritdoc/>
    protected override TimeSpan? UntilRenewal(RateDimension dimension) =>
        UntilTomorrow(Share!.Shares.Clock.GetTimestamp(), Share.Shares.Clock.GetUtcNow());

    /// <summary>The day's count is kept until the day is over: reading it again costs a query.</summary>
    protected override bool MayRetire(TimeProvider clock)
    {
        var day = Day;
        MoveTo(clock.GetTimestamp(), clock.GetUtcNow());
        return Day != day;
    }

    private TimeSpan UntilTomorrow(long now, DateTimeOffset utc)
    {
        var midnight = DateTimeOffset.FromUnixTimeMilliseconds((Day + 1) * MsPerDay) - utc;
        var left = OneDay - Scale.Time(now - _began);
        return DayOf(utc) < Day && left < midnight ? left : midnight;
    }
}
