using FsCheck;
using FsCheck.Fluent;
using Fairlead.Accounts.Limits;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts.Limits;

/// <summary>Requests for free models: per minute and per UTC day of an account, across restarts and clocks that are set.</summary>
public sealed class FreeModelTests
{
    private const long Account = 3;

    private static readonly FreeModelAllowance Allowance = new(PerMinute: 3, PerDay: 5);

    private readonly SetClock clock = new(new(2026, 3, 1, 22, 30, 0, TimeSpan.Zero));
    private readonly Dictionary<DateOnly, long> settled = [];
    private readonly List<DateOnly> asked = [];
    private readonly RateLimiter limiter;

    public FreeModelTests() => limiter = new(clock, ReadAsync);

    [Fact]
    public async Task PerMinute_IsAWindowThatSlides()
    {
        for (var i = 0; i < 3; i++)
        {
            Granted(await BeginAsync()).Complete(0, freeModel: true);
            clock.Pass(TimeSpan.FromSeconds(10));
        }

        Assert.Equal((RateDimension.Requests, 3, 0, TimeSpan.FromSeconds(30)), Refused(await BeginAsync()));
        clock.Pass(TimeSpan.FromSeconds(30));
        Granted(await BeginAsync());
        Assert.Equal((RateDimension.Requests, 3, 0, TimeSpan.FromSeconds(10)), Refused(await BeginAsync()));
    }

    [Fact]
    public async Task PerDay_CountsUntilMidnightUtc_AndComesBeforeTheMinute()
    {
        await UseAsync(5);
        Assert.Equal((RateDimension.DailyRequests, 5, 0, TimeSpan.FromMinutes(85)), Refused(await BeginAsync()));
        Assert.Equal(5, await limiter.FreeModelRequestsAsync(Account));

        clock.Pass(TimeSpan.FromMinutes(85) - TimeSpan.FromTicks(1));
        Assert.Equal((RateDimension.DailyRequests, 5, 0, TimeSpan.FromTicks(1)), Refused(await BeginAsync()));
        clock.Pass(TimeSpan.FromTicks(1));
        Assert.Equal(0, await limiter.FreeModelRequestsAsync(Account));
        Granted(await BeginAsync());
    }

    [Fact]
    public async Task WhatWasUsedBefore_IsReadOnce_HoweverManyComeAtOnce()
    {
        settled[new(2026, 3, 1)] = 3;
        Assert.Equal(3, await limiter.FreeModelRequestsAsync(Account));
        asked.Clear();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await BeginAsync())));
        Assert.Equal(2, outcomes.Count(static outcome => outcome.Permit is not null));
        asked.Clear();
        Refused(await BeginAsync());
        Assert.Equal(5, await limiter.FreeModelRequestsAsync(Account));
        Assert.Empty(asked);
    }

    [Fact]
    public async Task AnotherModelAnswered_ItDoesNotCount()
    {
        for (var i = 0; i < 10; i++)
            Granted(await BeginAsync()).Complete(100, freeModel: false);
        Granted(await BeginAsync()).Cancel();
        Assert.Equal(0, await limiter.FreeModelRequestsAsync(Account));
        Granted(await BeginAsync()).Dispose();
        Assert.Equal(1, await limiter.FreeModelRequestsAsync(Account));
    }

    [Fact]
    public async Task EndsAfterMidnight_GivesNothingBackToTheNewDay()
    {
        await UseAsync(4);
        var late = Granted(await BeginAsync());
        clock.Pass(TimeSpan.FromHours(2));
        await UseAsync(2);
        late.Complete(0, freeModel: false);
        Assert.Equal(2, await limiter.FreeModelRequestsAsync(Account));
    }

    [Fact]
    public async Task ClockSetBack_TheDayIsNotOpenedAgain_AndEndsAfter24HoursAtTheLatest()
    {
        clock.Pass(TimeSpan.FromHours(2));
        await UseAsync(5);
        clock.Now = clock.Now.AddHours(-1);
        Assert.Equal(RateDimension.DailyRequests, Refused(await BeginAsync()).Dimension);

        // Somebody had set the clock a year ahead, and it is right again.
        clock.Now = clock.Now.AddYears(1);
        await UseAsync(5);
        clock.Now = clock.Now.AddYears(-1);
        var (dimension, _, _, wait) = Refused(await BeginAsync());
        Assert.Equal(RateDimension.DailyRequests, dimension);
        Assert.InRange(wait!.Value, TimeSpan.FromHours(23), TimeSpan.FromHours(24));
        clock.Pass(wait.Value);
        Granted(await BeginAsync());
    }

    [Fact]
    public async Task Sweep_KeepsTheDaysCount_AndForgetsItWithTheDay()
    {
        await UseAsync(5);
        clock.Pass(TimeSpan.FromMinutes(2));
        limiter.Sweep();
        Assert.Equal(1, limiter.Count);
        asked.Clear();
        Assert.Equal(RateDimension.DailyRequests, Refused(await BeginAsync()).Dimension);
        Assert.Empty(asked);

        clock.Pass(TimeSpan.FromHours(2));
        limiter.Sweep();
        Assert.Equal(0, limiter.Count);
        settled[new(2026, 3, 2)] = 4;
        Granted(await BeginAsync());
        Refused(await BeginAsync());
    }

    [Fact]
    public async Task Asking_CountsNothing()
    {
        Assert.Null(await limiter.RefusesFreeModelAsync(Account, Allowance));
        await UseAsync(5);
        for (var i = 0; i < 3; i++)
            Assert.Equal(RateDimension.DailyRequests, (await limiter.RefusesFreeModelAsync(Account, Allowance))!.Dimension);
        Assert.Null(await limiter.RefusesFreeModelAsync(Account, new(3, 6)));
        Granted(await BeginAsync(new(null, 6)));
    }

    [Fact]
    public async Task OtherLimits_AreCountedToo_AndWhatTheyRefuseIsNotCountedHere()
    {
        var keyLimits = new RateLimits(1, null, null);
        Assert.NotNull((await limiter.BeginAsync(new(1, keyLimits, Account, default, 1, Allowance))).Permit);
        Assert.Equal(RateScope.Key, (await limiter.BeginAsync(new(1, keyLimits, Account, default, 1, Allowance))).Refusal!.Scope);
        Assert.Equal(1, await limiter.FreeModelRequestsAsync(Account));
    }

    public sealed record Step(int PassSeconds, bool Restart, bool Free);

    private static readonly Gen<Step[]> Steps =
        Gen.ArrayOf(
            from pass in Gen.Frequency((8, Gen.Choose(0, 40)), (1, Gen.Choose(0, 40_000)))
            from restart in Gen.Frequency((10, Gen.Constant(false)), (1, Gen.Constant(true)))
            from free in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
            select new Step(pass, restart, free));

    [Fact]
    public void AnyHistory_AdmitsWhatMinuteAndDayAllow_AlsoAcrossRestarts() =>
        Prop.ForAll(Steps.ToArbitrary(), steps => HoldsAsync(steps).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(200));

    private static async Task<bool> HoldsAsync(Step[] steps)
    {
        var test = new FreeModelTests();
        var current = test.limiter;
        var begun = new List<(DateOnly Day, long At)>();
        var since = 0;
        foreach (var step in steps)
        {
            test.clock.Pass(TimeSpan.FromSeconds(step.PassSeconds));
            if (step.Restart)
                (current, since) = (new(test.clock, test.ReadAsync), begun.Count);
            var today = DateOnly.FromDateTime(test.clock.Now.UtcDateTime);
            // A restart forgets the minute; the day it does not.
            var allowed = begun.Count(one => one.Day == today) < Allowance.PerDay
                && begun.Skip(since).Count(one => test.clock.GetElapsedTime(one.At) < TimeSpan.FromSeconds(60)) < Allowance.PerMinute;
            var outcome = await current.BeginAsync(new(1, default, Account, default, 1, Allowance));
            if (outcome.Permit is not null != allowed)
                return false;
            outcome.Permit?.Complete(0, step.Free);
            if (outcome.Permit is not null && step.Free)
            {
                begun.Add((today, test.clock.GetTimestamp()));
                test.settled[today] = test.settled.GetValueOrDefault(today) + 1;
            }
        }

        return true;
    }

    private static RatePermit Granted(RateOutcome outcome)
    {
        Assert.Null(outcome.Refusal);
        return outcome.Permit!;
    }

    private static (RateDimension Dimension, long Limit, long Remaining, TimeSpan? Wait) Refused(RateOutcome outcome)
    {
        Assert.Null(outcome.Permit);
        Assert.Equal(RateScope.FreeModels, outcome.Refusal!.Scope);
        return (outcome.Refusal.Dimension, outcome.Refusal.Limit, outcome.Refusal.Remaining, outcome.Refusal.Wait);
    }

    private ValueTask<RateOutcome> BeginAsync(FreeModelAllowance? allowance = null) =>
        limiter.BeginAsync(new(1, default, Account, default, 1, allowance ?? Allowance));

    /// <summary>Makes requests at a pace no minute refuses.</summary>
    private async Task UseAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Granted(await BeginAsync()).Complete(0, freeModel: true);
            clock.Pass(TimeSpan.FromMinutes(1));
        }
    }

    private Task<long> ReadAsync(long accountId, DateOnly day)
    {
        lock (asked)
            asked.Add(day);
        return Task.FromResult(settled.GetValueOrDefault(day));
    }
}
