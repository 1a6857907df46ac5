using Dapper;
using Fairlead.Accounts.Limits;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts.Limits.Shares;

/// <summary>Several nodes on one PostgreSQL: what all of them together admit is never more than a limit allows, and what it allows is not refused.</summary>
public sealed class SharedLimitTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestDatabase _files = new(DatabaseEngine.PostgreSql);
    private readonly SetClock _clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly List<LimitNode> _nodes = [];

    [Fact]
    public async Task ManyAtOnceOnThreeNodes_ExactlyTheLimitGetsIn()
    {
        var nodes = await StartAsync(3);
        for (var minute = 0; minute < 5; minute++)
        {
            var outcomes = await Task.WhenAll(nodes.SelectMany(static node => Enumerable.Range(0, 40).Select(_ => Task.Run(() =>
                node.BeginAsync(new(30, null, null), account: new(100, null, 50))))));

            Assert.Equal(30, outcomes.Count(static outcome => outcome.Permit is not null));
            Assert.All(outcomes.Where(static outcome => outcome.Permit is null), static outcome =>
                Assert.Equal((RateScope.Key, RateDimension.Requests, 30L, 0L), (outcome.Refusal!.Scope, outcome.Refusal.Dimension, outcome.Refusal.Limit, outcome.Refusal.Remaining)));
            Complete(outcomes);
            _clock.Pass(TimeSpan.FromSeconds(60));
        }
    }

    [Fact]
    public async Task KeyAllowsFewerThanWait_OfTheAccountOnlyThoseTakeThatMayGoOn()
    {
        var nodes = await StartAsync(2);
        var account = new RateLimits(null, null, 10);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => nodes[0].BeginAsync(new(8, null, null), account: account))));
        Assert.Equal(8, outcomes.Count(static outcome => outcome.Permit is not null));

        // What is of no use to the first nobody has: the other need not ask for it, nor be refused where the first is slow to answer.
        using var connection = _files.Connect();
        Assert.Equal(8, await connection.ExecuteScalarAsync<long>("SELECT concurrency FROM rate_shares WHERE scope = 'Account'"));
        Granted(await nodes[1].BeginAsync(default, account: account));
        Granted(await nodes[1].BeginAsync(default, account: account));
        Assert.Equal(RateDimension.Concurrency, (await nodes[1].BeginAsync(default, account: account)).Refusal!.Dimension);
    }

    [Fact]
    public async Task OneNodeAlone_HasTheWholeLimit()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(10, null, null);
        for (var i = 0; i < 10; i++)
        {
            Granted(await nodes[0].BeginAsync(limits));
        }

        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);
        Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
    }

    [Fact]
    public async Task WindowSlides_WhatANodeDoesNotCountAnyMoreIsHandedBackWhenAsked()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(4, null, null);
        Granted(await nodes[0].BeginAsync(limits)).Complete(0, false);
        _clock.Pass(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 3; i++)
        {
            Granted(await nodes[0].BeginAsync(limits)).Complete(0, false);
        }

        // The first of the other node leaves in 40 s; the rest 20 s later.
        var refusal = (await nodes[1].BeginAsync(limits)).Refusal!;
        Assert.InRange(refusal.Wait!.Value, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(41));
        _clock.Pass(TimeSpan.FromSeconds(40));
        Granted(await nodes[1].BeginAsync(limits));
        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);
        Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
        _clock.Pass(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 3; i++)
        {
            Granted(await nodes[1].BeginAsync(limits));
        }

        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);
    }

    [Fact]
    public async Task OpenRequests_MakeRoomOnAnyNode()
    {
        var nodes = await StartAsync(3);
        var limits = new RateLimits(null, null, 2);
        var first = Granted(await nodes[0].BeginAsync(limits));
        var second = Granted(await nodes[1].BeginAsync(limits));
        Assert.Equal((RateDimension.Concurrency, 2L), ((await nodes[2].BeginAsync(limits)).Refusal!.Dimension, (await nodes[2].BeginAsync(limits)).Refusal!.Limit));

        first.Complete(0, false);
        _clock.Pass(TimeSpan.FromMilliseconds(250));
        var third = Granted(await nodes[2].BeginAsync(limits));
        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);
        second.Complete(0, false);
        third.Complete(0, false);
    }

    [Fact]
    public async Task TokensGrowWhileARequestRuns_TheOtherNodeLearnsOfThem()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(null, 1000, null);
        var stream = Granted(await nodes[0].BeginAsync(limits, tokens: 100));
        stream.Grow(700);
        await nodes[0].Shares.KeepAsync();

        var refusal = (await nodes[1].BeginAsync(limits, tokens: 300)).Refusal!;
        Assert.Equal((RateDimension.Tokens, 1000L, 200L, 300L), (refusal.Dimension, refusal.Limit, refusal.Remaining, refusal.Asked));
        Assert.InRange(refusal.Wait!.Value, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(60));

        // It used less than was counted: the rest is anybody's.
        stream.Complete(usedTokens: 600, freeModel: false);
        Granted(await nodes[1].BeginAsync(limits, tokens: 250));
    }

    [Fact]
    public async Task LimitIsLowered_WhatWasTakenUnderTheOldOneIsJudgedAnew()
    {
        var nodes = await StartAsync(2);
        foreach (var node in nodes)
        {
            Granted(await node.BeginAsync(new(100, null, null)));
        }

        var lower = new RateLimits(4, null, null);
        Granted(await nodes[0].BeginAsync(lower));
        Granted(await nodes[1].BeginAsync(lower));
        Assert.NotNull((await nodes[0].BeginAsync(lower)).Refusal);
        Assert.NotNull((await nodes[1].BeginAsync(lower)).Refusal);

        // Raised again, it holds at once.
        Granted(await nodes[1].BeginAsync(new(5, null, null)));
    }

    [Fact]
    public async Task WithinItsShareANodeAsksNobody()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(1000, null, 1000);
        Granted(await nodes[0].BeginAsync(limits));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
        {
            Assert.True(IsAtOnce(nodes[0].Limiter.BeginAsync(new(7, limits, 3, default, 1))));
        }

        // The permits and the slots of the window, no more than where a node is alone.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 * 200);
    }

    [Fact]
    public async Task FreeModelsOfTheDay_AreCountedOverAllNodes_SettledOrNot()
    {
        var nodes = await StartAsync(2);
        var free = new FreeModelAllowance(null, 6);
        var settled = Granted(await nodes[0].BeginFreeAsync(free));
        await SettleFreeAsync(nodes[0], "gen-1");
        settled.Complete(0, freeModel: true);
        Granted(await nodes[0].BeginFreeAsync(free)).Complete(0, freeModel: false);

        var outcomes = await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 10).Select(_ => Task.Run(() => node.BeginFreeAsync(free)))));

        Assert.Equal(5, outcomes.Count(static outcome => outcome.Permit is not null));
        Assert.Equal(RateDimension.DailyRequests, (await nodes[1].BeginFreeAsync(free)).Refusal!.Dimension);
        Assert.NotNull(await nodes[0].Limiter.RefusesFreeModelAsync(nodes[0].Ledger.Account.Id, free));
        Assert.Equal(1, await nodes[1].Limiter.FreeModelRequestsAsync(nodes[1].Ledger.Account.Id));
        _clock.Pass(TimeSpan.FromHours(12));
        Assert.Null(await nodes[0].Limiter.RefusesFreeModelAsync(nodes[0].Ledger.Account.Id, free));
        Granted(await nodes[1].BeginFreeAsync(free));
    }

    [Fact]
    public async Task NodeDies_ItsOpenRequestsAreFreeAtOnce_TheOthersCountForAMinute()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(10, null, 2);
        Granted(await nodes[1].BeginAsync(limits));
        Granted(await nodes[1].BeginAsync(limits));
        Assert.Equal(RateDimension.Concurrency, (await nodes[0].BeginAsync(limits)).Refusal!.Dimension);
        // As a restart on the data folder does: another run is the node now.
        using var connection = _files.Connect();
        await connection.ExecuteAsync("UPDATE nodes SET run = 'next' WHERE id LIKE '%2'");
        await nodes[0].Shares.KeepAsync();
        _clock.Pass(TimeSpan.FromMilliseconds(250));

        var taken = new List<RatePermit>();
        while ((await nodes[0].BeginAsync(limits)) is { Permit: { } permit })
        {
            taken.Add(permit);
            permit.Complete(0, false);
        }

        Assert.InRange(taken.Count, 5, 8);
        _clock.Pass(TimeSpan.FromSeconds(60));
        await nodes[0].Shares.KeepAsync();
        for (var i = 0; i < 10; i++)
        {
            Granted(await nodes[0].BeginAsync(limits)).Complete(0, false);
        }
    }

    [Fact]
    public async Task NodeIsSilent_HasEndedOnlyWhenItsLeaseHas()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(null, null, 1);
        Granted(await nodes[1].BeginAsync(limits));
        await nodes[1].Lease.DisposeAsync();
        await nodes[0].Shares.KeepAsync();
        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);

        _clock.Pass(NodeLease.Length);
        await nodes[0].Shares.KeepAsync();
        Assert.NotNull((await nodes[0].BeginAsync(limits)).Refusal);
        Assert.True((await nodes[1].BeginAsync(new(null, null, 2))).IsUnavailable);

        _clock.Pass(TimeSpan.FromSeconds(1));
        await nodes[0].Shares.KeepAsync();
        Granted(await nodes[0].BeginAsync(limits));
    }

    [Fact]
    public async Task NodeStops_HandsBackWhatDoesNotCount_AndNothingIsLeftWhenItIsUnused()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(100, null, 10);
        Granted(await nodes[0].BeginAsync(limits)).Complete(0, false);
        await nodes[0].Shares.HandBackAllAsync();
        using var connection = _files.Connect();
        Assert.Equal((1, 0), await connection.QuerySingleAsync<(long, long)>("SELECT requests, concurrency FROM rate_shares"));

        _clock.Pass(TimeSpan.FromSeconds(60));
        nodes[0].Limiter.Sweep();
        Assert.Equal(1, nodes[0].Limiter.Count);
        await nodes[0].Shares.HandBackUnusedAsync();
        nodes[0].Limiter.Sweep();
        Assert.Equal(0, nodes[0].Limiter.Count);
        Assert.Equal(0, await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM rate_shares"));
    }

    [Fact]
    public async Task NodesAskEachOtherAtOnce_BothAreAnsweredSoon()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(null, 1000, null);
        foreach (var node in nodes)
        {
            Granted(await node.BeginAsync(limits, tokens: 100));
        }

        // Neither has as much, and each has some of it.
        var outcomes = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.BeginAsync(limits, tokens: 700)))).WaitAsync(Patience);

        Assert.Equal(1, outcomes.Count(static outcome => outcome.Permit is not null));
        // 100 are left, of which the other may have taken a quarter ahead.
        Assert.Equal(1, outcomes.Count(static outcome => outcome.Refusal is { Dimension: RateDimension.Tokens, Remaining: 75 or 100 }));
    }

    [Fact]
    public async Task RefusalIsRemembered_TheDatabaseIsNotAskedAgainForAMoment()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(1, null, null);
        Granted(await nodes[0].BeginAsync(limits));
        Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
        using (var connection = _files.Connect())
        {
            await connection.ExecuteAsync("DELETE FROM rate_shares");
        }

        Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
        _clock.Pass(TimeSpan.FromMilliseconds(250));
        Granted(await nodes[1].BeginAsync(limits));
    }

    [Fact]
    public async Task LimitIsUsedUpAndHammered_NothingIsWritten()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(2, null, null);
        Granted(await nodes[0].BeginAsync(limits));
        Granted(await nodes[0].BeginAsync(limits));
        Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
        using var connection = _files.Connect();
        const string Rows = "SELECT string_agg(node_id || xmin, ' ' ORDER BY node_id) FROM rate_shares";
        var before = await connection.ExecuteScalarAsync<string>(Rows);

        for (var i = 0; i < 5; i++)
        {
            _clock.Pass(TimeSpan.FromMilliseconds(250));
            Assert.NotNull((await nodes[1].BeginAsync(limits)).Refusal);
        }

        Assert.Equal(before, await connection.ExecuteScalarAsync<string>(Rows));
    }

    [Fact]
    public async Task GrownBeyondTheShareAndAskedForIt_TheOthersLearnOfItAllTheSame()
    {
        var nodes = await StartAsync(2);
        var limits = new RateLimits(null, 1000, null);
        var stream = Granted(await nodes[0].BeginAsync(limits, tokens: 100));
        Granted(await nodes[1].BeginAsync(limits, tokens: 100)).Complete(100, false);
        stream.Grow(400);
        // Refused, so the growing node was asked to hand back.
        Assert.NotNull((await nodes[1].BeginAsync(limits, tokens: 900)).Refusal);
        await nodes[0].Shares.KeepAsync();

        Assert.Equal(400, (await nodes[1].BeginAsync(limits, tokens: 600)).Refusal!.Remaining);
        Granted(await nodes[1].BeginAsync(limits, tokens: 400));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => _files.Dispose();

    private async Task<List<LimitNode>> StartAsync(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            _nodes.Add(await LimitNode.StartAsync(_files, _clock, number));
        }

        using var patience = new CancellationTokenSource(Patience);
        while (_nodes.Exists(node => node.Lease.LiveNodes.Count < count - 1))
        {
            await Task.Delay(10, patience.Token);
        }

        return _nodes;
    }

    private static async Task SettleFreeAsync(LimitNode node, string id)
    {
        var ledger = node.Ledger;
        var hold = await ledger.Ledger.TryHoldAsync(ledger.Request(id, 0));
        await ledger.Ledger.SettleAsync(hold.Hold!, ledger.Generation(id, 0) with { Model = "acme/m:free", CreatedAtMs = 0 });
        using var connection = ledger.Files.Connect();
        // The ledger's clock is the machine's, the day is the test's.
        await connection.ExecuteAsync("UPDATE activity_hourly SET hour = @hour", new { hour = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() / 3600 });
    }

    private static bool IsAtOnce(ValueTask<RateOutcome> begun) => begun.IsCompletedSuccessfully;

    private static RatePermit Granted(RateOutcome outcome) => outcome.Permit ?? throw new InvalidOperationException($"refused: {outcome.Refusal}, {outcome.IsUnavailable}");

    private static void Complete(IEnumerable<RateOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            outcome.Permit?.Complete(0, freeModel: false);
        }
    }
}
