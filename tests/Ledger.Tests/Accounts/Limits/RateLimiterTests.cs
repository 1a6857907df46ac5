using Fairlead.Accounts.Limits;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts.Limits;

/// <summary>Limits of keys and accounts: what is admitted, what is refused by which limit, and what a refusal says.</summary>
public sealed class RateLimiterTests
{
    private const long Key = 7;
    private const long OtherKey = 8;
    private const long Account = 3;

    private readonly SetClock clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RateLimiter limiter;

    public RateLimiterTests() => limiter = new(clock, ReadAsync);

    [Fact]
    public void NothingLimited_NothingCountedAndNothingAllocated()
    {
        var request = new RateRequest(Key, default, Account, default, 1000);
        Assert.Null(BeginNow(request).Permit);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            BeginNow(request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, limiter.Count);
    }

    [Fact]
    public void Requests_LeaveTheWindowOneByOne_ToTheTick()
    {
        var limits = new RateLimits(2, null, null);
        Granted(Begin(limits)).Complete(0, false);
        clock.Pass(TimeSpan.FromSeconds(20));
        Granted(Begin(limits)).Complete(0, false);

        var refusal = Refused(Begin(limits), RateScope.Key, RateDimension.Requests);
        Assert.Equal((2, 0, 1, TimeSpan.FromSeconds(40)), (refusal.Limit, refusal.Remaining, refusal.Asked, refusal.Wait));

        clock.Pass(TimeSpan.FromSeconds(40) - TimeSpan.FromTicks(1));
        Refused(Begin(limits), RateScope.Key, RateDimension.Requests);
        clock.Pass(TimeSpan.FromTicks(1));
        Granted(Begin(limits));
        Refused(Begin(limits), RateScope.Key, RateDimension.Requests);
    }

    [Fact]
    public void ClockSetEitherWay_ChangesNothing()
    {
        var limits = new RateLimits(1, null, null);
        Granted(Begin(limits));
        foreach (var hours in (int[])[1, -2, 48])
        {
            clock.Now = clock.Now.AddHours(hours);
            Assert.Equal(TimeSpan.FromSeconds(60), Refused(Begin(limits), RateScope.Key, RateDimension.Requests).Wait);
        }

        clock.Pass(TimeSpan.FromSeconds(60));
        Granted(Begin(limits));
    }

    [Fact]
    public void Tokens_AreCountedAtTheirMost_ThenAsUsed()
    {
        var limits = new RateLimits(null, 1000, null);
        var first = Granted(Begin(limits, tokens: 700));
        var refusal = Refused(Begin(limits, tokens: 400), RateScope.Key, RateDimension.Tokens);
        Assert.Equal((1000, 300, 400, TimeSpan.FromSeconds(60)), (refusal.Limit, refusal.Remaining, refusal.Asked, refusal.Wait));

        first.Complete(usedTokens: 100, freeModel: false);
        var second = Granted(Begin(limits, tokens: 900));
        Refused(Begin(limits, tokens: 1), RateScope.Key, RateDimension.Tokens);

        // More than was thought: nothing is taken back, and nothing more is admitted.
        second.Grow(500);
        second.Complete(usedTokens: 1600, freeModel: false);
        Assert.Equal(0, Refused(Begin(limits, tokens: 1), RateScope.Key, RateDimension.Tokens).Remaining);
        clock.Pass(TimeSpan.FromSeconds(60));
        Granted(Begin(limits, tokens: 1000));
    }

    [Fact]
    public void MoreTokensThanTheLimit_NoWaitHelps()
    {
        var refusal = Refused(Begin(new(null, 1000, null), tokens: 1001), RateScope.Key, RateDimension.Tokens);
        Assert.Equal((1000, 1001, null), (refusal.Remaining, refusal.Asked, refusal.Wait));
    }

    [Fact]
    public void TokensUsedAfterTheRequestLeftTheWindow_CountNoMore()
    {
        var limits = new RateLimits(null, 1000, null);
        var old = Granted(Begin(limits, tokens: 1000));
        clock.Pass(TimeSpan.FromSeconds(60));
        var next = Granted(Begin(limits, tokens: 500));
        old.Complete(usedTokens: 900, freeModel: false);
        Granted(Begin(limits, tokens: 500));
        next.Complete(usedTokens: 500, freeModel: false);
        Refused(Begin(limits, tokens: 1), RateScope.Key, RateDimension.Tokens);
    }

    [Fact]
    public void Concurrency_IsFreedByEveryEnd_AndOnlyOnce()
    {
        var limits = new RateLimits(null, null, 2);
        var (first, second) = (Granted(Begin(limits)), Granted(Begin(limits)));
        var refusal = Refused(Begin(limits), RateScope.Key, RateDimension.Concurrency);
        Assert.Equal((2, 0, null), (refusal.Limit, refusal.Remaining, refusal.Wait));

        first.Complete(10, false);
        first.Cancel();
        first.Dispose();
        var third = Granted(Begin(limits));
        Refused(Begin(limits), RateScope.Key, RateDimension.Concurrency);
        second.Cancel();
        third.Dispose();
        Granted(Begin(limits));
        Granted(Begin(limits));
        Refused(Begin(limits), RateScope.Key, RateDimension.Concurrency);
    }

    [Fact]
    public void Cancelled_DoesNotCount()
    {
        var limits = new RateLimits(1, 100, 1);
        Granted(Begin(limits, tokens: 100)).Cancel();
        Granted(Begin(limits, tokens: 100));
    }

    [Fact]
    public void AccountLimits_CountAllKeys_AndWhatAKeyIsRefusedDoesNotCountForTheAccount()
    {
        var (key, account) = (new RateLimits(1, null, null), new RateLimits(2, null, null));
        Granted(Begin(key, account));
        Refused(Begin(key, account), RateScope.Key, RateDimension.Requests);
        Granted(Begin(key, account, id: OtherKey));
        Refused(Begin(default, account, id: 9), RateScope.Account, RateDimension.Requests);
        Granted(BeginNow(new(9, key, Account + 1, account, 1)));
    }

    [Fact]
    public void AChangedLimit_CountsAtOnce()
    {
        for (var i = 0; i < 5; i++)
            Granted(Begin(new(10, null, null)));
        Assert.Equal(5, Refused(Begin(new(5, null, null)), RateScope.Key, RateDimension.Requests).Limit);
        Granted(Begin(new(6, null, null)));
        Granted(Begin(new(null, null, 100)));
        Refused(Begin(new(7, null, null)), RateScope.Key, RateDimension.Requests);
    }

    [Fact]
    public void TheLongerWaitCounts_WhereManyMustLeave()
    {
        var limits = new RateLimits(10, null, null);
        for (var i = 0; i < 10; i++)
        {
            Granted(Begin(limits));
            clock.Pass(TimeSpan.FromSeconds(1));
        }

        // Nine must leave before the limit of two lets another in: the ninth was begun two seconds ago.
        Assert.Equal(TimeSpan.FromSeconds(58), Refused(Begin(new(2, null, null)), RateScope.Key, RateDimension.Requests).Wait);
    }

    [Fact]
    public void Sweep_ForgetsWhoIsIdle_AndKeepsWhatCounts()
    {
        var limits = new RateLimits(1, null, 1);
        for (var id = 0; id < 1000; id++)
            Granted(Begin(limits, id: id)).Complete(0, false);
        var open = Granted(Begin(limits, id: 5000));
        limiter.Sweep();
        Assert.Equal(1001, limiter.Count);

        clock.Pass(TimeSpan.FromSeconds(60));
        limiter.Sweep();
        Assert.Equal(1, limiter.Count);
        Refused(Begin(limits, id: 5000), RateScope.Key, RateDimension.Concurrency);

        open.Complete(0, false);
        limiter.Sweep();
        Assert.Equal(0, limiter.Count);
        Granted(Begin(limits, id: 5000));
    }

    private static RatePermit Granted(RateOutcome outcome)
    {
        Assert.Null(outcome.Refusal);
        return outcome.Permit!;
    }

    private static RateRefusal Refused(RateOutcome outcome, RateScope scope, RateDimension dimension)
    {
        Assert.Null(outcome.Permit);
        Assert.Equal((scope, dimension), (outcome.Refusal!.Scope, outcome.Refusal.Dimension));
        return outcome.Refusal;
    }

    private RateOutcome Begin(RateLimits key, RateLimits account = default, long id = Key, long tokens = 1) =>
        BeginNow(new(id, key, Account, account, tokens));

    private RateOutcome BeginNow(RateRequest request)
    {
        var begun = limiter.BeginAsync(request);
        return begun.IsCompleted ? begun.Result : throw new InvalidOperationException("Nothing here waits for anything.");
    }

    private Task<long> ReadAsync(long accountId, DateOnly day) => throw new InvalidOperationException("Nothing here is about free models.");
}
