using Fairlead.Ledger.Generations;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

public abstract class SettlementTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task AnswerIsSettled_AccountPaysWhatItCostAndTheRecordIsReadableAtOnce()
    {
        await using var test = await StartAsync();

        var charged = await test.ChargeAsync("gen-1", cost: 0.25m, hold: 1m);

        Assert.Equal(Credits.Exact(0.25m), charged);
        Assert.Equal(Credits.Exact(99.75m), test.Ledger.Balance(test.Account.Id).Available);
        var generation = await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-1");
        Assert.Equal(test.Generation("gen-1", 0.25m) with { CreatedAtMs = generation!.CreatedAtMs }, generation);
    }

    [Fact]
    public async Task SameGenerationSettledTwice_SecondChargesNothingAndReturnsTheFirstCost()
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-1", 0.25m);

        var again = await test.ChargeAsync("gen-1", 0.75m);

        Assert.Equal(Credits.Exact(0.25m), again);
        Assert.Equal(Credits.Exact(99.75m), test.Ledger.Balance(test.Account.Id).Available);
    }

    [Fact]
    public async Task RestartAfterSettling_BalanceAndUsageAreThoseBefore()
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-1", 0.25m);

        await test.ReopenAsync();

        Assert.Equal(Credits.Exact(99.75m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.Equal(Credits.Exact(0.25m), test.Ledger.Usage(test.Account.Id, test.Key.Id).Daily);
    }

    [Fact]
    public async Task AnswerCostsMoreThanEverythingTheAccountHas_ChargeStopsAtZeroAndTheRestIsOverrun()
    {
        await using var test = await StartAsync(credits: 1m);

        var charged = await test.ChargeAsync("gen-1", cost: 3m, hold: 0.5m);

        Assert.Equal(Credits.Exact(1m), charged);
        Assert.Equal(Credits.Zero, test.Ledger.Balance(test.Account.Id).Available);
    }

    [Fact]
    public async Task ManySettlementsAtOnce_EachIsChargedOnce()
    {
        await using var test = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => test.ChargeAsync($"gen-{i}", 0.01m, 0.05m))));

        Assert.Equal(Credits.Exact(95m), test.Ledger.Balance(test.Account.Id).Balance);
        Assert.Equal(Credits.Zero, test.Ledger.Balance(test.Account.Id).Held);
        Assert.Equal(0, test.Ledger.Status.InFlight);
    }
}

public sealed class SettlementTestsOnSqlite() : SettlementTests(DatabaseEngine.Sqlite);

public sealed class SettlementTestsOnPostgreSql() : SettlementTests(DatabaseEngine.PostgreSql);
