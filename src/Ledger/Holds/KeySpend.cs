namespace Fairlead.Ledger.Holds;

/// <summary>
/// What one key has spent in the current windows, and what its open holds set aside. Guarded by the lock of the account that owns the key. Windows only
/// move forward: when the clock jumps back, spend goes on counting in the window already reached.
/// </summary>
internal sealed class KeySpend(long keyId)
{
    /// <summary><see cref="DateOnly.DayNumber"/> of 1970-01-01.</summary>
    private const int UnixEpochDayNumber = 719_162;

    private Spend _usage;
    private Spend _byok;

    /// <summary>Where several nodes share the key.</summary>
    public KeyLease Lease;

    public long KeyId { get; } = keyId;

    /// <summary>The UTC day of the windows, counted from 1970-01-01.</summary>
    public int Day { get; private set; }

    /// <summary>Sum of open holds.</summary>
    public long Held { get; set; }

    /// <summary>Closes windows that ended before <paramref name="today"/>.</summary>
    public void MoveTo(int today)
    {
        if (today <= Day)
        {
            return;
        }

        var sameWeek = Monday(today) == Monday(Day);
        var sameMonth = Month(today) == Month(Day);
        _usage.CloseDay(sameWeek, sameMonth);
        _byok.CloseDay(sameWeek, sameMonth);
        Day = today;
    }

    /// <summary>Counts spend of <paramref name="day"/>; negative takes back what was counted before. Windows already closed are not touched.</summary>
    public void Add(int day, long usage, long byok)
    {
        var today = day == Day;
        var thisWeek = Monday(day) == Monday(Day);
        var thisMonth = Month(day) == Month(Day);
        _usage.Add(usage, today, thisWeek, thisMonth);
        _byok.Add(byok, today, thisWeek, thisMonth);
    }

    /// <summary>What <paramref name="limit"/> leaves, open holds taken off; may be negative.</summary>
    public long FreeUnder(KeyLimit limit)
    {
        var counted = _usage.Of(limit.Window) + (limit.IncludeByok ? _byok.Of(limit.Window) : 0);
        return checked(limit.Amount.PicoDollars - counted - Held);
    }

    /// <summary>The first day of the window that is current.</summary>
    public long FirstDayOf(UsageWindow window) => window switch
    {
        UsageWindow.Daily => Day,
        UsageWindow.Weekly => Monday(Day),
        UsageWindow.Monthly => Day - DateOnly.FromDayNumber(UnixEpochDayNumber + Day).Day + 1,
        _ => int.MinValue,
    };

    public KeyUsage Snapshot() => new(
        new(_usage.Total), new(_usage.Day), new(_usage.Week), new(_usage.Month), new(_byok.Total), new(_byok.Day), new(_byok.Week), new(_byok.Month));

    /// <summary>The Monday on or before a day; day 0 was a Thursday.</summary>
    internal static int Monday(int day) => day - ((day + 3) % 7);

    private static int Month(int day)
    {
        var date = DateOnly.FromDayNumber(UnixEpochDayNumber + day);
        return (date.Year * 12) + date.Month;
    }

    private struct Spend
    {
        public long Total;
        public long Day;
        public long Week;
        public long Month;

        public void CloseDay(bool sameWeek, bool sameMonth)
        {
            Day = 0;
            Week = sameWeek ? Week : 0;
            Month = sameMonth ? Month : 0;
        }

        public void Add(long amount, bool today, bool thisWeek, bool thisMonth)
        {
            Total = checked(Total + amount);
            Day += today ? amount : 0;
            Week += thisWeek ? amount : 0;
            Month += thisMonth ? amount : 0;
        }

        public readonly long Of(UsageWindow window) => window switch
        {
            UsageWindow.Daily => Day,
            UsageWindow.Weekly => Week,
            UsageWindow.Monthly => Month,
            _ => Total,
        };
    }
}
