using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests;

public abstract class HoldTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task TenThousandFixedPriceCallsAgainstABalanceWorthAHundred_ExactlyAHundredAreServed()
    {
        await using var test = await StartAsync(credits: 1m);

        var served = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 625; i++)
            {
                var outcome = await test.Ledger.TryHoldAsync(test.Request($"gen-{caller}-{i}", 0.01m));
                if (outcome.Granted)
                {
                    await Task.Yield();
                    await test.Ledger.SettleAsync(outcome.Hold, test.Generation(outcome.Hold.GenerationId, 0.01m));
                    Interlocked.Increment(ref served);
                }
            }
        })));

        Assert.Equal(100, served);
        Assert.Equal(Credits.Zero, test.Ledger.Balance(test.Account.Id).Available);
    }

    [Fact]
    public async Task ManyCallersHoldGrowSettleAndRelease_NothingIsOverspentAndTheLedgerAddsUp()
    {
        await using var test = await StartAsync(credits: 5m);
        var seed = Environment.TickCount;

        var charged = await Task.WhenAll(Enumerable.Range(0, 12).Select(caller => Task.Run(async () =>
        {
            var random = new Random(seed + caller);
            long sum = 0;
            for (var i = 0; i < 400; i++)
            {
                var outcome = await test.Ledger.TryHoldAsync(test.Request($"gen-{caller}-{i}", random.Next(0, 20) / 100m));
                Assert.False(test.Ledger.Balance(test.Account.Id).Available.IsNegative, $"seed {seed}");
                if (!outcome.Granted)
                {
                    continue;
                }

                using var hold = outcome.Hold;
                await Task.Yield();
                _ = await hold.TryGrowAsync(Credits.Exact(random.Next(0, 20) / 100m));
                if (random.Next(3) > 0)
                {
                    sum += (await test.Ledger.SettleAsync(hold, test.Generation(hold.GenerationId, random.Next(0, 30) / 100m))).PicoDollars;
                }
            }

            return sum;
        })));

        var balance = test.Ledger.Balance(test.Account.Id);
        Assert.Equal(charged.Sum(), balance.TotalUsage.PicoDollars);
        Assert.Equal(Credits.Zero, balance.Held);
        Assert.Equal(0, test.Ledger.Status.InFlight);
        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), $"seed {seed}: {report}");
    }

    [Fact]
    public async Task AccountHasLessThanAsked_RefusalSaysWhatItCouldHave()
    {
        await using var test = await StartAsync(credits: 1m);
        using var other = await test.HoldAsync("gen-other", 0.4m);

        var outcome = await test.Ledger.TryHoldAsync(test.Request("gen-1", 0.7m));

        Assert.Equal((HoldRefusal.AccountBalance, Credits.Exact(0.6m)), (outcome.Refusal, outcome.Available));
    }

    [Fact]
    public async Task HoldIsDisposed_EverythingIsFreeAgainAndDisposingTwiceChangesNothing()
    {
        await using var test = await StartAsync(credits: 1m);
        var hold = await test.HoldAsync("gen-1", 0.4m);

        hold.Dispose();
        hold.Dispose();

        Assert.Equal(Credits.Exact(1m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.False(await hold.TryGrowAsync(Credits.Exact(0.1m)));
    }

    [Fact]
    public async Task KeyLimitIsReached_RefusalNamesTheKeyAndItsWindow()
    {
        await using var test = await StartAsync();
        var limit = new KeyLimit(Credits.Exact(0.5m), UsageWindow.Weekly, false);
        await test.ChargeAsync("gen-1", 0.3m);

        var tooMuch = await test.Ledger.TryHoldAsync(test.Request("gen-2", 0.3m, limit));
        await test.ChargeAsync("gen-3", 0.2m);
        var exhausted = await test.Ledger.TryHoldAsync(test.Request("gen-4", 0.01m, limit));

        Assert.Equal((HoldRefusal.KeyLimit, Credits.Exact(0.2m)), (tooMuch.Refusal, tooMuch.Available));
        Assert.Equal((HoldRefusal.KeyLimit, Credits.Zero, UsageWindow.Weekly), (exhausted.Refusal, exhausted.Available, exhausted.Window));
    }

    [Fact]
    public async Task AnswerCostsMoreThanTheKeyLimitLeaves_ChargeStopsAtTheLimit()
    {
        await using var test = await StartAsync();
        var limit = new KeyLimit(Credits.Exact(0.5m), UsageWindow.Total, false);
        var hold = (await test.Ledger.TryHoldAsync(test.Request("gen-1", 0.1m, limit))).Hold!;

        var charged = await test.Ledger.SettleAsync(hold, test.Generation("gen-1", 2m));

        Assert.Equal(Credits.Exact(0.5m), charged);
    }

    [Theory]
    // Friday 2026-01-30, Saturday, then Sunday 1 February, Monday.
    [InlineData(UsageWindow.Daily, "2026-01-30T23:59:59Z", "2026-01-31T00:00:00Z", true)]
    [InlineData(UsageWindow.Daily, "2026-01-30T00:00:00Z", "2026-01-30T23:59:59Z", false)]
    [InlineData(UsageWindow.Weekly, "2026-01-30T12:00:00Z", "2026-02-01T23:59:59Z", false)]
    [InlineData(UsageWindow.Weekly, "2026-01-30T12:00:00Z", "2026-02-02T00:00:00Z", true)]
    [InlineData(UsageWindow.Monthly, "2026-01-30T12:00:00Z", "2026-02-01T00:00:00Z", true)]
    [InlineData(UsageWindow.Monthly, "2026-01-01T12:00:00Z", "2026-01-31T23:59:59Z", false)]
    [InlineData(UsageWindow.Total, "2026-01-30T12:00:00Z", "2027-01-30T12:00:00Z", false)]
    public async Task TimePasses_LimitStartsAnewAtItsMidnightUtcOnly(UsageWindow window, string spentAt, string askedAt, bool anew)
    {
        var clock = new SetClock(DateTimeOffset.Parse(spentAt, System.Globalization.CultureInfo.InvariantCulture));
        await using var test = await StartAsync(clock: clock);
        var limit = new KeyLimit(Credits.Exact(1m), window, false);
        await test.ChargeAsync("gen-1", 1m);

        clock.Now = DateTimeOffset.Parse(askedAt, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(anew, (await test.Ledger.TryHoldAsync(test.Request("gen-2", 1m, limit))).Granted);
        Assert.Equal(anew ? Credits.Exact(1m) : Credits.Zero, test.Ledger.Usage(test.Account.Id, test.Key.Id).RemainingOf(limit));

        // The same from the database.
        await test.ReopenAsync();
        Assert.Equal(anew, (await test.Ledger.TryHoldAsync(test.Request("gen-3", 1m, limit))).Granted);
    }

    [Fact]
    public async Task ClockJumpsBackAnHourOverMidnight_DailyLimitIsNotGivenTwice()
    {
        var clock = new SetClock(new(2026, 1, 31, 0, 10, 0, TimeSpan.Zero));
        await using var test = await StartAsync(clock: clock);
        var limit = new KeyLimit(Credits.Exact(1m), UsageWindow.Daily, false);
        await test.ChargeAsync("gen-1", 1m);

        clock.Now -= TimeSpan.FromHours(1);
        Assert.False((await test.Ledger.TryHoldAsync(test.Request("gen-2", 1m, limit))).Granted);
        await test.ChargeAsync("gen-3", 1m);
        clock.Now += TimeSpan.FromHours(1);

        Assert.Equal(Credits.Exact(2m), test.Ledger.Usage(test.Account.Id, test.Key.Id).Daily);
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task HoldOpenOverMidnight_CountsAgainstTheNewDayUntilItEnds()
    {
        var clock = new SetClock(new(2026, 1, 30, 23, 59, 0, TimeSpan.Zero));
        await using var test = await StartAsync(clock: clock);
        var limit = new KeyLimit(Credits.Exact(1m), UsageWindow.Daily, false);
        var hold = (await test.Ledger.TryHoldAsync(test.Request("gen-1", 0.8m, limit))).Hold!;

        clock.Now += TimeSpan.FromMinutes(2);
        Assert.False((await test.Ledger.TryHoldAsync(test.Request("gen-2", 0.3m, limit))).Granted);
        await test.Ledger.SettleAsync(hold, test.Generation("gen-1", 0.1m));

        Assert.True((await test.Ledger.TryHoldAsync(test.Request("gen-3", 0.9m, limit))).Granted);
    }
}

public sealed class HoldTestsOnSqlite() : HoldTests(DatabaseEngine.Sqlite);

public sealed class HoldTestsOnPostgreSql() : HoldTests(DatabaseEngine.PostgreSql);
