namespace Fairlead.Accounts.Limits.Shares;

/// <summary>A share as the database has it.</summary>
/// <param name="amounts">How much.</param>
/// <param name="day">The UTC day that is meant; only for free models.</param>
internal sealed class ShareRow(RateAmounts amounts, long day)
{
    private readonly RateAmounts _amounts = amounts;

    /// <summary>No row.</summary>
    public static readonly ShareRow None = new(default, 0);

    public ref readonly RateAmounts Amounts => ref _amounts;

    public long Day => day;

    /// <summary>Whether it has more than counts.</summary>
    public bool HasMoreThan(in RateAmounts counted, long countedDay)
    {
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            if (Amounts[d] > counted[d])
            {
                return true;
            }
        }

        return day != countedDay && Amounts[(int)RateDimension.DailyRequests] > 0;
    }

    /// <summary>After it was lowered to what counts.</summary>
    public ShareRow Lowered(in RateAmounts counted, long countedDay)
    {
        var lowered = Amounts;
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            lowered[d] = Math.Min(lowered[d], counted[d]);
        }

        ref var today = ref lowered[(int)RateDimension.DailyRequests];
        today = day == countedDay ? today : 0;
        return new(lowered, day);
    }
}

/// <summary>What is left of a share that is handed back.</summary>
/// <param name="scope">Whose limits.</param>
/// <param name="counted">What still counts.</param>
/// <param name="day">The UTC day that is counted.</param>
/// <param name="after">What the database has afterwards, where that is known.</param>
internal sealed class ShareLeft(LimitScope scope, RateAmounts counted, long day, ShareRow? after)
{
    private readonly RateAmounts _counted = counted;

    public LimitScope Scope => scope;

    public ScopeName Name => scope.Share!.Name;

    public ref readonly RateAmounts Counted => ref _counted;

    public long Day => day;

    public ShareRow? After => after;
}
