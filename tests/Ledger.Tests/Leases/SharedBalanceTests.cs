using Dapper;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Leases;

/// <summary>Several nodes on one PostgreSQL: what all of them together promise and charge is never more than there is.</summary>
public sealed class SharedBalanceTests : IDisposable
{
    private readonly TestDatabase _files = new(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task TenThousandFixedPriceCallsOnThreeNodesAgainstABalanceWorthAHundred_NinetyToAHundredAreServedAndNoneBeyond()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        await using var third = await StartAsync(3);
        var account = await NewAccountAsync(first, 1m);

        var served = 0;
        await Task.WhenAll(new[] { first, second, third }.SelectMany((node, n) => Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 417; i++)
            {
                var id = $"gen-{n}-{caller}-{i}";
                if (await HoldAsync(node, account, id, 0.01m) is { } hold)
                {
                    await node.Ledger.SettleAsync(hold, Generation(node, account, id, 0.01m));
                    Interlocked.Increment(ref served);
                }
            }
        }))));

        Assert.InRange(served, 90, 100);
        Assert.Equal(Credits.Exact(served * 0.01m), (await first.Ledger.BalanceAsync(account)).TotalUsage);
        AssertVerifies(first);
    }

    [Fact]
    public async Task EverythingIsReservedElsewhereAndNotUsed_IsHandedBackWhenAsked()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 1m);
        (await HoldAsync(first, account, "gen-1", 1m))!.Dispose();

        var hold = await HoldAsync(second, account, "gen-2", 1m);

        Assert.NotNull(hold);
        AssertVerifies(first);
    }

    [Fact]
    public async Task EverythingIsPromisedElsewhere_IsRefusedWithWhatIsLeft()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 1m);
        using var hold = await HoldAsync(first, account, "gen-1", 0.75m);

        var outcome = await second.Ledger.TryHoldAsync(Request(account, "gen-2", 0.5m));

        Assert.Equal((HoldRefusal.AccountBalance, Credits.Exact(0.25m)), (outcome.Refusal, outcome.Available));
    }

    [Fact]
    public async Task KeyLimitIsSharedByNodes_IsNeverExceeded()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 100m);
        var limit = new KeyLimit(Credits.Exact(0.5m), UsageWindow.Daily, false);

        var charged = await Task.WhenAll(new[] { first, second }.SelectMany((node, n) => Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            var sum = 0L;
            for (var i = 0; i < 50; i++)
            {
                var id = $"gen-{n}-{caller}-{i}";
                if ((await node.Ledger.TryHoldAsync(Request(account, id, 0.01m, limit))).Hold is { } hold)
                {
                    sum += (await node.Ledger.SettleAsync(hold, Generation(node, account, id, 0.01m))).PicoDollars;
                }
            }

            return sum;
        }))));

        Assert.InRange(charged.Sum(), Credits.Exact(0.45m).PicoDollars, Credits.Exact(0.5m).PicoDollars);
        AssertVerifies(first);
    }

    [Fact]
    public async Task KeyLimitIsLowered_WhatWasReservedUnderTheOldOneIsJudgedAnew()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 100m);
        foreach (var node in new[] { first, second })
        {
            (await node.Ledger.TryHoldAsync(Request(account, $"gen-{node.GetHashCode()}", 0.4m, new KeyLimit(Credits.Exact(1m), UsageWindow.Total, false)))).Hold!.Dispose();
        }

        var lower = new KeyLimit(Credits.Exact(0.3m), UsageWindow.Total, false);

        Assert.Equal(HoldRefusal.KeyLimit, (await first.Ledger.TryHoldAsync(Request(account, "gen-3", 0.4m, lower))).Refusal);
        using var hold = (await second.Ledger.TryHoldAsync(Request(account, "gen-4", 0.3m, lower))).Hold;
        Assert.NotNull(hold);
        Assert.Equal(HoldRefusal.KeyLimit, (await first.Ledger.TryHoldAsync(Request(account, "gen-5", 0.1m, lower))).Refusal);
    }

    [Fact]
    public async Task AnswerCostsMoreThanItsHoldAndTheRestIsReservedElsewhere_IsChargedWhole()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 1m);
        var hold = await HoldAsync(first, account, "gen-1", 0.1m);
        (await HoldAsync(second, account, "gen-2", 0.8m))!.Dispose();

        var charged = await first.Ledger.SettleAsync(hold!, Generation(first, account, "gen-1", 0.95m));

        Assert.Equal(Credits.Exact(0.95m), charged);
        AssertVerifies(first);
    }

    [Fact]
    public async Task CommandPostsBesideTheNodes_BothSeeItAndAWithdrawalNeverTakesWhatIsHeld()
    {
        await using var first = await StartAsync(1);
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(first, 1m);
        using var hold = await HoldAsync(second, account, "gen-1", 0.6m);
        await using var command = first.OpenAsAnotherProcess();

        Assert.Equal(PostingResult.InsufficientBalance, (await PostAsync(command, account, -0.5m)).Result);
        Assert.True((await PostAsync(command, account, -0.4m)).IsPosted);
        Assert.True((await PostAsync(command, account, 2m)).IsPosted);

        using var more = await HoldAsync(first, account, "gen-2", 2m);
        Assert.NotNull(more);
        AssertVerifies(first);
    }

    [Fact]
    public async Task NodeStops_HandsEverythingBack()
    {
        await using var first = await StartAsync(1);
        var account = await NewAccountAsync(first, 1m);
        (await HoldAsync(first, account, "gen-1", 1m))!.Dispose();

        await first.Ledger.StopAsync(default);

        using var connection = _files.Connect();
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT COUNT(*) FROM account_leases"));
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT SUM(reserved)::BIGINT FROM ledger_accounts"));
    }

    [Fact]
    public async Task NodeIsKilled_WhatItReservedStaysUntilItStartsAgain()
    {
        await using var second = await StartAsync(2);
        var account = await NewAccountAsync(second, 1m);
        using (var connection = _files.Connect())
        {
            // What a kill leaves: a lease, and a request in flight.
            connection.Execute(
                $"""
                INSERT INTO nodes VALUES ('sharednode0000001', 'killed', 'here', 0, 7, clock_timestamp() - INTERVAL '1 minute');
                UPDATE ledger_accounts SET reserved = 600000000000 WHERE id = {account};
                INSERT INTO account_leases VALUES ({account}, 'sharednode0000001', 600000000000);
                INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id)
                VALUES (1, 1, 'gen-killed', {account}, 1, 500000000000, 'm', 0, 'sharednode0000001');
                """);
        }

        Assert.Null(await HoldAsync(second, account, "gen-1", 0.5m));
        await using var first = await StartAsync(1);

        using var hold = await HoldAsync(second, account, "gen-2", 0.5m);
        Assert.NotNull(hold);
        AssertVerifies(first);
    }

    public void Dispose() => _files.Dispose();

    private readonly List<TestLedger> _started = [];

    /// <summary>Every node knows of every other when it returns.</summary>
    private async Task<TestLedger> StartAsync(int node)
    {
        var started = await TestLedger.StartAsync(_files, new($"sharednode000000{node}"));
        _started.Add(started);
        for (var patience = Task.Delay(TimeSpan.FromSeconds(20)); _started.Exists(one => one.Get<NodeLease>().LiveNodes.Count < _started.Count - 1);)
        {
            Assert.False(patience.IsCompleted, "The nodes do not find each other.");
            await Task.Delay(5);
        }

        return started;
    }

    private static async Task<long> NewAccountAsync(TestLedger node, decimal credits)
    {
        const long Id = 4711;
        await node.Ledger.PostAsync(new() { AccountId = Id, Kind = PostingKind.Grant, Amount = Credits.Exact(credits), IdempotencyKey = "start", Actor = "test" });
        return Id;
    }

    private static Task<PostingOutcome> PostAsync(TestLedger node, long account, decimal amount) => node.Ledger.PostAsync(
        new() { AccountId = account, Kind = PostingKind.Adjustment, Amount = Credits.Exact(amount), IdempotencyKey = $"{amount}", Actor = "test" });

    private static HoldRequest Request(long account, string id, decimal dollars, KeyLimit? limit = null) =>
        new() { GenerationId = id, AccountId = account, KeyId = account, KeyLimit = limit, Amount = Credits.Exact(dollars), Model = "m" };

    private static async Task<Hold?> HoldAsync(TestLedger node, long account, string id, decimal dollars) =>
        (await node.Ledger.TryHoldAsync(Request(account, id, dollars))).Hold;

    private static Generations.Generation Generation(TestLedger node, long account, string id, decimal cost) =>
        node.Generation(id, cost) with { AccountId = account, KeyId = account };

    private static void AssertVerifies(TestLedger node)
    {
        var report = new StringWriter();
        Assert.True(node.Get<LedgerVerifier>().Verify(report), report.ToString());
    }
}
