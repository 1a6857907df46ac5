using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.RollUps;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>M5 without a kill: what the tables hold while requests are in flight and what a start makes of it.</summary>
public abstract class RecoveryTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task RequestsLeftInFlight_NextStartRecordsThemCancelledAndFree()
    {
        await using var test = await StartAsync();
        await LeaveIntentAsync(test, "gen-lost");

        await test.ReopenAsync();

        var lost = await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-lost");
        Assert.Equal((true, Credits.Zero, "acme/rocket-1"), (lost!.Cancelled, lost.Cost, lost.Model));
        Assert.Equal(Credits.Exact(100m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task RequestsLeftInFlight_AreRecordedAsTheKindTheyWere()
    {
        await using var test = await StartAsync();
        foreach (var (id, kind) in (IEnumerable<(string, string?)>)[("gen-vectors", ApiTypes.Embeddings), ("gen-text", null)])
            Assert.True((await test.Ledger.TryHoldAsync(test.Request(id, 0.1m) with { ApiType = kind })).Granted);
        await test.UntilIntentsAsync("gen-text", "gen-vectors");

        await test.ReopenAsync();

        var store = test.Get<GenerationStore>();
        var (vectors, text) = (await store.FindAsync(test.Account.Id, "gen-vectors"), await store.FindAsync(test.Account.Id, "gen-text"));
        Assert.Equal((true, ApiTypes.Embeddings), (vectors!.Cancelled, vectors.ApiType));
        Assert.Equal((true, ApiTypes.Completions), (text!.Cancelled, text.ApiType));
    }

    [Fact]
    public async Task RequestsLeftInFlight_CountAsRequestsOfTheDay_SettledOnesOnlyOnce()
    {
        await using var test = await StartAsync();
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        foreach (var (id, model) in (IEnumerable<(string, string)>)[("gen-free", "acme/rocket-1:free"), ("gen-paid", "acme/rocket-1")])
            await test.Ledger.SettleAsync(await test.HoldAsync(id, 0m), test.Generation(id, 0m) with { Model = model });
        await LeaveIntentAsync(test, "gen-lost-1", model: "acme/rocket-1:free", row: 97);
        await LeaveIntentAsync(test, "gen-lost-2", model: "acme/rocket-1:free", row: 98);
        await LeaveIntentAsync(test, "gen-free", model: "acme/rocket-1:free", row: 99);

        await test.ReopenAsync();

        var activity = test.Get<ActivityStore>();
        Assert.Equal(3, await activity.FreeRequestsAsync(test.Account.Id, today));
        Assert.Equal(0, await activity.FreeRequestsAsync(test.Account.Id + 1, today));
        Assert.Equal(0, await activity.FreeRequestsAsync(test.Account.Id, today.AddDays(-2)));
        // What is counted for a day ahead was counted before the clock went back.
        Assert.Equal(3, await activity.FreeRequestsAsync(test.Account.Id, today.AddDays(-1)));
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task SettledGenerationLeftAnIntent_NextStartKeepsItsCharge()
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-1", 0.5m);
        await LeaveIntentAsync(test, "gen-1");

        await test.ReopenAsync();

        Assert.Equal(Credits.Exact(0.5m), (await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-1"))!.Cost);
        Assert.Equal(Credits.Exact(99.5m), test.Ledger.Balance(test.Account.Id).Balance);
    }

    [Fact]
    public async Task RequestOpenForLong_IsListedAndLeavesTheListWhenItEnds()
    {
        await using var test = await StartAsync();
        var settled = await test.HoldAsync("gen-settled", 0.2m);
        var released = await test.HoldAsync("gen-released", 0.3m);

        await test.UntilIntentsAsync("gen-released", "gen-settled");
        await test.Ledger.SettleAsync(settled, test.Generation("gen-settled", 0.1m));
        await test.UntilIntentsAsync("gen-released");
        released.Dispose();

        await test.UntilIntentsAsync();
    }

    protected static Task<int> LeaveIntentAsync(TestLedger test, string id, NodeId? node = null, string model = "acme/rocket-1", int row = 99) => test.Database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            """
            INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id)
            VALUES (@row, 1, @id, @account, 1, 5, @model, 0, @node)
            """,
            new { row, id, model, account = test.Account.Id, node = (node ?? TestLedger.FirstNode).Value }, transaction),
        "leaving an intent");
}

public sealed class RecoveryTestsOnSqlite() : RecoveryTests(DatabaseEngine.Sqlite)
{
    [Fact]
    public async Task DataFolderLostItsNodeId_RequestsOfTheFileAreResolvedAllTheSame()
    {
        await using var test = await StartAsync();
        await LeaveIntentAsync(test, "gen-lost", new("formernode000001"));

        await test.ReopenAsync();

        Assert.True((await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-lost"))!.Cancelled);
    }
}

public sealed class RecoveryTestsOnPostgreSql() : RecoveryTests(DatabaseEngine.PostgreSql)
{
    [Fact]
    public async Task AnotherNodeStarts_RequestsInFlightHereAreLeftAlone()
    {
        await using var test = await StartAsync();
        var hold = await test.HoldAsync("gen-1", 0.5m);
        await test.UntilIntentsAsync("gen-1");

        await using (var other = await TestLedger.StartAsync(test.Files, new("secondnode000001")))
        {
            await test.UntilIntentsAsync("gen-1");
            Assert.True(other.Get<LedgerVerifier>().Verify(TextWriter.Null));
        }

        Assert.Equal(Credits.Exact(0.5m), await test.Ledger.SettleAsync(hold, test.Generation("gen-1", 0.5m)));
    }

    [Fact]
    public async Task RequestsOfAMonthNobodySettledIn_AreRecordedInItsPartition()
    {
        await using var test = await StartAsync();
        await LeaveIntentAsync(test, "gen-1577836800-abc");

        await test.ReopenAsync();

        Assert.True((await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-1577836800-abc"))!.Cancelled);
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }
}
