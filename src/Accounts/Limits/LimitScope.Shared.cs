using System.Globalization;
using Fairlead.Accounts.Limits.Shares;

namespace Fairlead.Accounts.Limits;

/// <summary>Where several nodes share the limits: what counts here against this node's share of them.</summary>
internal abstract partial class LimitScope
{
    /// <summary>The part of the limits that is this node's; null where it has them to itself.</summary>
    public NodeShare? Share { get; } = share;

    /// <summary>Whose limits.</summary>
    public abstract RateScope Kind { get; }

    /// <summary>What counts here.</summary>
    protected virtual RateAmounts Counted => RateAmounts.Of(Window.Requests, Window.Tokens, Open, 0);

    /// <summary>The day that is counted, where days are.</summary>
    protected virtual long CountedDay => 0;

    /// <summary>Which limit is told first.</summary>
    protected abstract ReadOnlySpan<RateDimension> Order { get; }

    /// <summary>Whether this node's share is too small for a request.</summary>
    public bool Lacks(in RateAmounts limits, in RateAmounts need) => Share is { } share && !share.Covers(limits, need, Counted);

    /// <summary>Nothing counts. Takes the lock.</summary>
    public bool IsUnused(TimeProvider clock)
    {
        lock (Sync)
        {
            MoveTo(clock.GetTimestamp(), clock.GetUtcNow());
            return Counted.AreNothing;
        }
    }

    /// <summary>Before more is taken; null when the scope is retired. Takes the lock.</summary>
    public ShareAsk? PrepareShare(in RateAmounts limits, IReadOnlyList<RateAmounts> needs, long term, TimeProvider clock)
    {
        lock (Sync)
        {
            MoveTo(clock.GetTimestamp(), clock.GetUtcNow());
            return Retired ? null : Share!.Prepare(limits, Counted, term, CountedDay, needs);
        }
    }

    /// <summary>After it was taken. Takes the lock.</summary>
    public void GrantShare(ShareAsk ask, SharePlan plan)
    {
        lock (Sync)
        {
            Share!.Grant(ask, plan, CountedDay);
            Settled(plan.SettledToday, ask.Day);
        }
    }

    /// <summary>Before it is handed back: only what counts is left. Null when the database has no more already. Takes the lock.</summary>
    public ShareLeft? LowerShare(TimeProvider clock)
    {
        lock (Sync)
        {
            MoveTo(clock.GetTimestamp(), clock.GetUtcNow());
            return Share!.Lower(this, Counted, CountedDay);
        }
    }

    /// <summary>After it was handed back. Takes the lock.</summary>
    public void HandedBackShare(ShareLeft left)
    {
        lock (Sync)
        {
            Share!.HandedBack(left);
        }
    }

    /// <summary>The first limit of which there is too little for a request, here and for anybody; null when there is none. Takes the lock.</summary>
    public RateDimension? Shortage(in RateAmounts limits, in RateAmounts need, in RateAmounts free)
    {
        lock (Sync)
        {
            foreach (var dimension in Order)
            {
                if (limits[(int)dimension] != RateAmounts.NoLimit && need[(int)dimension] > Remaining(dimension, free))
                {
                    return dimension;
                }
            }

            return null;
        }
    }

    /// <summary>What refuses a request for which there is too little. Takes the lock.</summary>
    /// <param name="want">The request.</param>
    /// <param name="free">What no node has.</param>
    /// <param name="answers">What the other nodes said of when more will be free.</param>
    public RateRefusal RefusalOf(ShareWant want, in RateAmounts free, IReadOnlyCollection<string> answers)
    {
        lock (Sync)
        {
            // Where nothing is short others were faster each time.
            var dimension = Shortage(want.Limits, want.Need, free) ?? FirstOf(want.Limits);
            var (asked, remaining) = (want.Need[(int)dimension], Remaining(dimension, free));
            return new()
            {
                Scope = Kind, Dimension = dimension, Limit = want.Limits[(int)dimension], Remaining = Math.Max(0, remaining), Asked = asked,
                Wait = WaitFor(dimension, asked - remaining, answers),
            };
        }
    }

    /// <summary>In how many milliseconds one more request, and so many more tokens, leave the window: what another node is told. Takes the lock.</summary>
    public string WaitsFor(long tokens, TimeProvider clock)
    {
        lock (Sync)
        {
            MoveTo(clock.GetTimestamp(), clock.GetUtcNow());
            var (forRequest, forTokens) = (OwnWait(RateDimension.Requests, 1), OwnWait(RateDimension.Tokens, tokens));
            return string.Create(CultureInfo.InvariantCulture, $"{forRequest.TotalMilliseconds:0} {forTokens.TotalMilliseconds:0}");
        }
    }

    /// <summary>How many requests of a day are settled, by the database.</summary>
    protected virtual void Settled(long today, long day)
    {
    }

    /// <summary>Until a limit that a wait of less than <see cref="Length"/> does not help with begins anew; null when nobody knows.</summary>
    protected virtual TimeSpan? UntilRenewal(RateDimension dimension) => null;

    private long Remaining(RateDimension dimension, in RateAmounts free) =>
        Share!.Amounts[(int)dimension] - Counted[(int)dimension] - Share.Held[(int)dimension] + Math.Max(0, free[(int)dimension]);

    private RateDimension FirstOf(in RateAmounts limits)
    {
        foreach (var dimension in Order)
        {
            if (limits[(int)dimension] != RateAmounts.NoLimit)
            {
                return dimension;
            }
        }

        return Order[0];
    }

    /// <summary>The earliest at which a node has as much to hand back, if nobody else comes.</summary>
    private TimeSpan? WaitFor(RateDimension dimension, long amount, IReadOnlyCollection<string> answers)
    {
        if (dimension is not (RateDimension.Requests or RateDimension.Tokens))
        {
            return UntilRenewal(dimension);
        }

        var wait = OwnWait(dimension, amount);
        foreach (var answer in answers)
        {
            var parts = answer.Split(' ');
            if (parts.Length == 2 && long.TryParse(parts[(int)dimension], NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms < wait.TotalMilliseconds)
            {
                wait = TimeSpan.FromMilliseconds(ms);
            }
        }

        return wait;
    }

    /// <summary>A whole window where nothing counts here: what counts elsewhere has left by then.</summary>
    private TimeSpan OwnWait(RateDimension dimension, long amount)
    {
        if ((dimension is RateDimension.Requests ? Window.Requests : Window.Tokens) <= 0)
        {
            return Length;
        }

        var now = Share!.Shares.Clock.GetTimestamp();
        return Scale.Time(dimension is RateDimension.Requests
            ? Window.WaitFor(now, Math.Max(0, Window.Requests - Math.Max(1, amount)), long.MaxValue)
            : Window.WaitFor(now, long.MaxValue, Math.Max(0, Window.Tokens - Math.Max(1, amount))));
    }
}
