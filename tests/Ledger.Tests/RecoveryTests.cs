using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Verification;

namespace Fairlead.Ledger.Tests;

/// <summary>M5 without a kill: what the tables hold while requests are in flight and what a start makes of it.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task RequestsLeftInFlight_NextStartRecordsThemCancelledAndFree()
    {
        await using var test = await TestLedger.StartAsync();
        await LeaveIntentAsync(test, "gen-lost");

        await test.ReopenAsync();

        var lost = await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-lost");
        Assert.Equal((true, Credits.Zero, "acme/rocket-1"), (lost!.Cancelled, lost.Cost, lost.Model));
        Assert.Equal(Credits.Exact(100m), test.Ledger.Balance(test.Account.Id).Available);
        Assert.True(test.Get<LedgerVerifier>().Verify(TextWriter.Null));
    }

    [Fact]
    public async Task SettledGenerationLeftAnIntent_NextStartKeepsItsCharge()
    {
        await using var test = await TestLedger.StartAsync();
        await test.ChargeAsync("gen-1", 0.5m);
        await LeaveIntentAsync(test, "gen-1");

        await test.ReopenAsync();

        Assert.Equal(Credits.Exact(0.5m), (await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-1"))!.Cost);
        Assert.Equal(Credits.Exact(99.5m), test.Ledger.Balance(test.Account.Id).Balance);
    }

    [Fact]
    public async Task RequestOpenForLong_IsListedAndLeavesTheListWhenItEnds()
    {
        await using var test = await TestLedger.StartAsync();
        var settled = test.Hold("gen-settled", 0.2m);
        var released = test.Hold("gen-released", 0.3m);

        await test.UntilIntentsAsync("gen-released", "gen-settled");
        await test.Ledger.SettleAsync(settled, test.Generation("gen-settled", 0.1m));
        await test.UntilIntentsAsync("gen-released");
        released.Dispose();

        await test.UntilIntentsAsync();
    }

    private static Task<int> LeaveIntentAsync(TestLedger test, string id) => test.Database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "INSERT INTO intents VALUES (99, 1, @id, @account, 1, 5, 'acme/rocket-1', 0)", new { id, account = test.Account.Id }, transaction),
        "leaving an intent");
}
