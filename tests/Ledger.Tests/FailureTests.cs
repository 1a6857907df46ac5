using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>The database refuses: whoever waits hears of it, nobody is charged for it, and the next settlement works.</summary>
public abstract class FailureTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task OneRowOfABatchIsRefused_OnlyItsWaiterFails()
    {
        await using var test = await StartAsync(credits: 10m);
        var poison = ByEngine(
            "CREATE TRIGGER poison BEFORE INSERT ON generations WHEN NEW.id = 'gen-7' BEGIN SELECT RAISE(ABORT, 'poison'); END",
            "CREATE TRIGGER poison BEFORE INSERT ON generations FOR EACH ROW WHEN (NEW.id = 'gen-7') EXECUTE FUNCTION ledger_refuse('poison')");
        await test.Database.WriteAsync((connection, transaction) => connection.ExecuteAsync(poison, transaction: transaction), "poisoning");
        var holds = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => test.HoldAsync($"gen-{i}", 0.1m)));

        // All are in flight, so all join one batch.
        var outcomes = await Task.WhenAll(holds.Select(async hold =>
        {
            try
            {
                return (Charged: await test.Ledger.SettleAsync(hold, test.Generation(hold.GenerationId, 0.1m)), Failure: (StorageException?)null);
            }
            catch (StorageException failure)
            {
                return (Charged: Credits.Zero, Failure: (StorageException?)failure);
            }
        }));

        Assert.Contains("poison", Assert.Single(outcomes, static o => o.Failure is not null).Failure!.Message, StringComparison.Ordinal);
        var balance = test.Ledger.Balance(test.Account.Id);
        Assert.Equal((Credits.Exact(8.1m), Credits.Exact(8.1m)), (balance.Balance, balance.Available));
        Assert.Equal(1, test.Ledger.Status.Failed);
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task AnotherProcessKeepsTheDatabaseLocked_SettlementFailsWithAdviceAndChargesNothing()
    {
        await using var test = await StartAsync(credits: 10m, busyTimeoutSeconds: 0);
        var hold = await test.HoldAsync("gen-1", 0.1m);
        await test.UntilIntentsAsync("gen-1");
        await using (var other = test.Files.Connect())
        {
            await other.ExecuteAsync(ByEngine("BEGIN IMMEDIATE", "BEGIN; LOCK TABLE generations"));

            var failure = await Assert.ThrowsAsync<StorageException>(() => test.Ledger.SettleAsync(hold, test.Generation("gen-1", 0.1m)).AsTask());

            Assert.Equal(StorageFailure.Locked, failure.Failure);
            await other.ExecuteAsync("ROLLBACK");
        }

        Assert.Equal(Credits.Exact(10m), test.Ledger.Balance(test.Account.Id).Available);
        await test.UntilIntentsAsync();
        Assert.Equal(Credits.Exact(0.1m), await test.ChargeAsync("gen-1", 0.1m));
    }

    [Fact]
    public async Task LedgerIsStopped_WaitingSettlementsAreCommittedAndLaterOnesRefused()
    {
        await using var test = await StartAsync(credits: 10m);
        using var late = await test.HoldAsync("gen-late", 0.1m);
        var hold = await test.HoldAsync("gen-1", 0.1m);

        var settling = test.Ledger.SettleAsync(hold, test.Generation("gen-1", 0.1m)).AsTask();
        await test.Ledger.StopAsync(default);

        Assert.Equal(Credits.Exact(0.1m), await settling);
        var failure = await Assert.ThrowsAsync<StorageException>(() => test.Ledger.SettleAsync(late, test.Generation("gen-late", 0.1m)).AsTask());
        Assert.Equal(StorageFailure.Closing, failure.Failure);
        Assert.Equal(Credits.Exact(9.9m), test.Ledger.Balance(test.Account.Id).Available);
    }
}

public sealed class FailureTestsOnSqlite() : FailureTests(DatabaseEngine.Sqlite)
{
    [Fact]
    public async Task DiskIsFull_NothingIsChargedAndSettlingWorksAgainWhenThereIsSpace()
    {
        await using var test = await StartAsync(credits: 10m);
        await SetMostPagesAsync(test, 1);
        var hold = await test.HoldAsync("gen-1", 0.1m);

        // Larger than what is left in the pages there are.
        var generation = test.Generation("gen-1", 0.1m) with { RouteDecision = new string('x', 200_000) };
        var failure = await Assert.ThrowsAsync<StorageException>(() => test.Ledger.SettleAsync(hold, generation).AsTask());

        Assert.Equal(StorageFailure.DiskFull, failure.Failure);
        Assert.Contains("free some space", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Credits.Exact(10m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.Null(await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-1"));

        await SetMostPagesAsync(test, 1_000_000);
        Assert.Equal(Credits.Exact(0.1m), await test.ChargeAsync("gen-1", 0.1m));
    }

    private static async Task SetMostPagesAsync(TestLedger test, int pages)
    {
        using var lease = test.Database.Lease();
        // Below what is used, SQLite takes what is used.
        await lease.Connection.ExecuteScalarAsync<long>($"PRAGMA max_page_count = {pages}");
    }
}

public sealed class FailureTestsOnPostgreSql() : FailureTests(DatabaseEngine.PostgreSql);
