using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Settlement;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Npgsql;

namespace Fairlead.Ledger.Tests.Journal;

/// <summary>A node was given up and what it had in flight recorded as cancelled; then a charge comes that its caller had been shown.</summary>
public sealed class RecoveredRecordTests
{
    private const string Id = "gen-1793836800-aaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public async Task JournaledCharge_TakesThePlaceOfTheRecordOnce()
    {
        await using var test = await RecoveredAsync();

        Assert.Null(Write(test, Journaled(test)));
        Assert.Equal(Credits.Exact(0.5m).PicoDollars, Write(test, Journaled(test)));

        var found = await test.Get<GenerationStore>().FindAsync(test.Account.Id, Id);
        Assert.Equal((Credits.Exact(0.5m), false, "Acme AI"), (found!.Cost, found.Cancelled, found.ProviderName));
        Assert.Equal(Credits.Exact(0.5m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        using var connection = test.Files.Connect();
        Assert.Equal(1, connection.ExecuteScalar<long>("SELECT SUM(requests)::BIGINT FROM activity_hourly"));
        Assert.Equal(1, connection.ExecuteScalar<long>("SELECT SUM(requests)::BIGINT FROM key_usage_daily"));
        AssertVerifies(test);
    }

    [Fact]
    public async Task JournaledChargeInABatchWithOthers_EachIsChargedOnce()
    {
        await using var test = await RecoveredAsync();
        await test.ChargeAsync("gen-before", 0.25m);

        Write(test, Journaled(test), Journaled(test, "gen-new"), Journaled(test, "gen-before"));

        Assert.Equal(Credits.Exact(1.25m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        AssertVerifies(test);
    }

    [Fact]
    public async Task SettlementThatWasNotJournaled_LeavesTheRecord()
    {
        await using var test = await RecoveredAsync();
        var late = Journaled(test);
        late.IsJournaled = false;

        Assert.Equal(0, Write(test, late));

        Assert.True((await test.Get<GenerationStore>().FindAsync(test.Account.Id, Id))!.Cancelled);
        AssertVerifies(test);
    }

    [Theory]
    [InlineData("cost = 1")]
    [InlineData("recovered = 0, account_id = account_id + 1")]
    [InlineData("recovered = 0, key_id = key_id + 1")]
    public async Task RecordOfARecovery_IsChangedInNoOtherWay(string set)
    {
        await using var test = await RecoveredAsync();
        using var connection = test.Files.Connect();

        var refusal = Assert.Throws<PostgresException>(() => connection.Execute($"UPDATE generations SET {set} WHERE id = '{Id}'"));

        Assert.Contains("never changes", refusal.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecordOfACharge_NeverBecomesOneThatMayBeReplaced()
    {
        await using var test = await TestLedger.StartAsync(DatabaseEngine.PostgreSql);
        await test.ChargeAsync(Id, 0.5m);
        using var connection = test.Files.Connect();

        Assert.Throws<PostgresException>(() => connection.Execute("UPDATE generations SET recovered = 1"));
    }

    /// <summary>With a request in flight that the last start resolved, and credits reserved for more.</summary>
    private static async Task<TestLedger> RecoveredAsync()
    {
        var test = await TestLedger.StartAsync(DatabaseEngine.PostgreSql);
        using (var connection = test.Files.Connect())
        {
            connection.Execute(
                """
                INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id)
                VALUES (99, 1, @Id, @account, @key, 5, 'acme/rocket-1', 0, @node)
                """,
                new { Id, account = test.Account.Id, key = test.Key.Id, node = TestLedger.FirstNode.Value });
        }

        await test.ReopenAsync();
        Assert.True((await test.Get<GenerationStore>().FindAsync(test.Account.Id, Id))!.Cancelled);
        (await test.HoldAsync("gen-reserves", 2m)).Dispose();
        return test;
    }

    private static PendingSettlement Journaled(TestLedger test, string id = Id)
    {
        var now = test.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        return new()
        {
            Generation = test.Generation(id, 0.5m), Charged = Credits.Exact(0.5m).PicoDollars, Day = (int)(now / 86_400_000), SettledAtMs = now, IsJournaled = true,
        };
    }

    /// <returns>What the first had cost before, where it was there.</returns>
    private static long? Write(TestLedger test, params PendingSettlement[] settlements)
    {
        var lease = test.Get<NodeLease>();
        using var store = SettlementStores.Open(test.Database, new(1, lease.NodeId, lease.Run), test.Clock.GetUtcNow());
        using var writing = test.Database.Lease();
        store.Write(writing, settlements, [], []);
        return settlements[0].FirstCost;
    }

    private static void AssertVerifies(TestLedger test)
    {
        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), report.ToString());
    }
}
