namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// How much of its limits a node takes: what those who wait need, as many of them as there is enough for, and a quarter of what then rests, so that the next need
/// no trip and the last of a limit is not scattered over nodes that do not use it. Pure.
/// </summary>
internal sealed class SharePlan
{
    /// <summary>The part of what rests that is taken ahead of the need.</summary>
    private const long PartAhead = 4;

    private RateAmounts _own;
    private RateAmounts _free;

    /// <summary>The node's share after this.</summary>
    public ref readonly RateAmounts Own => ref _own;

    /// <summary>What no node has after this; negative where more counts than a limit allows.</summary>
    public ref readonly RateAmounts Free => ref _free;

    /// <summary>Requests for free models of the day that are settled: nobody's share any more.</summary>
    public long SettledToday { get; private init; }

    /// <param name="ask">What the node asks.</param>
    /// <param name="others">The shares of all other nodes.</param>
    /// <param name="settledToday">What is settled of the day.</param>
    public static SharePlan Make(ShareAsk ask, in RateAmounts others, long settledToday)
    {
        var plan = new SharePlan { SettledToday = settledToday };
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            plan._own[d] = ask.Keep[d];
            var limit = ask.Limits[d];
            plan._free[d] = limit == RateAmounts.NoLimit ? limit : limit - others[d] - ask.Keep[d] - (d == (int)RateDimension.DailyRequests ? settledToday : 0);
        }

        var need = default(RateAmounts);
        foreach (var one in ask.Needs)
        {
            if (plan.Fits(ask, need, one))
            {
                for (var d = 0; d < RateAmounts.Count; d++)
                {
                    need[d] += one[d];
                }
            }
        }

        for (var d = 0; d < RateAmounts.Count; d++)
        {
            var more = ask.Limits[d] == RateAmounts.NoLimit ? 0 : need[d] - (ask.Keep[d] - ask.Counted[d]);
            if (more > 0)
            {
                more += (plan._free[d] - more) / PartAhead;
                plan._own[d] += more;
                plan._free[d] -= more;
            }
        }

        return plan;
    }

    private bool Fits(ShareAsk ask, in RateAmounts need, in RateAmounts one)
    {
        for (var d = 0; d < RateAmounts.Count; d++)
        {
            if (ask.Limits[d] != RateAmounts.NoLimit && need[d] + one[d] > ask.Keep[d] - ask.Counted[d] + Math.Max(0, _free[d]))
            {
                return false;
            }
        }

        return true;
    }
}
