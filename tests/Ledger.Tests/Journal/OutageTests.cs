using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Journal;
using Fairlead.Ledger.Leases;
using Fairlead.Ledger.Settlement;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Fairlead.Testing;
using Npgsql;

namespace Fairlead.Ledger.Tests.Journal;

/// <summary>A node loses the database and goes on from its leases: what callers were shown is charged once, whatever happens until the database is back.</summary>
public sealed class OutageTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestDatabase _files = new(DatabaseEngine.PostgreSql);
    private TcpProxy _way = null!;

    [Fact]
    public async Task CoveredRequests_AreAnsweredAndChargedWhenTheDatabaseIsBack()
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-before", 1m);
        var limit = new KeyLimit(Credits.Exact(5m), UsageWindow.Total, false);
        var open = await test.HoldAsync("gen-open", 0.5m);
        var limited = (await test.Ledger.TryHoldAsync(test.Request("gen-limited", 0.5m, limit))).Hold!;
        await test.UntilIntentsAsync("gen-limited", "gen-open");

        _way.Cut();
        Assert.Equal(Credits.Exact(0.25m), await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m)));
        Assert.Equal(Credits.Exact(0.125m), await test.Ledger.SettleAsync(limited, test.Generation("gen-limited", 0.125m)));
        // Admitted though the database is away: the lease lasts some seconds.
        Assert.Equal(Credits.Exact(0.5m), await test.ChargeAsync("gen-during", 0.5m));
        Assert.Equal(3, test.Ledger.Status.Journaled);
        Assert.Equal(3, CreditLedger.CountJournaled(test.JournalFolder));
        Assert.Equal(Credits.Exact(98.125m), test.Ledger.Balance(test.Account.Id).Available);

        _way.Mend();
        await UntilSettledAsync(test);

        Assert.Equal(Credits.Exact(0.5m), await CostAsync(test, "gen-during"));
        Assert.Equal(Credits.Exact(1.875m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        Assert.Equal((Credits.Exact(1.875m), Credits.Zero), (test.Ledger.Balance(test.Account.Id).TotalUsage, test.Ledger.Balance(test.Account.Id).Pending));
        Assert.Equal(0, CreditLedger.CountJournaled(test.JournalFolder));
        Assert.Equal(0, test.Ledger.Status.Failed);
        await test.UntilIntentsAsync();
        await AssertEverythingCanBeHeldAsync(test, 98.125m);
        Assert.Equal(Credits.Exact(0.25m), await ChargeWhenAdmittedAsync(test, "gen-after", 0.25m));
        AssertVerifies(test);
    }

    [Fact]
    public async Task ServerHangsAndDoesLaterWhatItWasSent_IsAnsweredAfterTheTimeOutAndChargedOnce()
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-before", 1m);
        var holds = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => test.HoldAsync($"gen-{i}", 0.5m)));

        _way.Freeze();
        await Task.WhenAll(holds.Select(async hold => Assert.Equal(Credits.Exact(0.25m), await test.Ledger.SettleAsync(hold, test.Generation(hold.GenerationId, 0.25m)))))
            .WaitAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(4, test.Ledger.Status.Journaled);

        _way.Mend();
        await UntilSettledAsync(test);
        Assert.Equal(Credits.Exact(2m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        AssertVerifies(test);
        await AssertEverythingCanBeHeldAsync(test, 98m);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatWasSentIntoTheVoidArrives_OrArrivedAndWasNotAnswered_ChangesNothing(bool onlyAnswersAreLost)
    {
        await using var test = await StartAsync();
        await test.ChargeAsync("gen-before", 1m);
        _way.Freeze(onlyAnswersAreLost);
        // Its row in the list of what is in flight is written some milliseconds later, into the void.
        var open = await test.HoldAsync("gen-open", 0.5m);
        await Task.Delay(200);
        Assert.Equal(Credits.Exact(0.25m), await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m)));

        _way.MendForWhatComes();
        await UntilSettledAsync(test);
        _way.Mend();
        await Task.Delay(300);

        AssertVerifies(test);
        await AssertEverythingCanBeHeldAsync(test, 98.75m);
    }

    [Fact]
    public async Task RequestThatIsNotCovered_DoesNotKeepCoveredOnesFromGoingOn()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));

        Assert.Equal(HoldRefusal.Unavailable, (await test.Ledger.TryHoldAsync(test.Request("gen-dear", 99m))).Refusal);
        Assert.Equal(Credits.Exact(0.5m), await test.ChargeAsync("gen-cheap", 0.5m));

        _way.Mend();
        await UntilSettledAsync(test);
        AssertVerifies(test);
    }

    [Fact]
    public async Task LeaseIsOver_NothingIsAdmittedAndWhatWasAdmittedIsStillCharged()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        _way.Cut();
        await Poll(() => !test.Get<NodeLease>().IsValid);

        Assert.Equal(HoldRefusal.Unavailable, (await test.Ledger.TryHoldAsync(test.Request("gen-late", 0.1m))).Refusal);
        Assert.Equal(Credits.Exact(0.25m), await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m)));

        _way.Mend();
        await UntilSettledAsync(test);
        Assert.Equal(Credits.Exact(0.25m), await CostAsync(test, "gen-open"));
        AssertVerifies(test);
    }

    [Fact]
    public async Task NodeStopsMeanwhile_ItsNextStartSettlesBeforeItFreesWhatWasReserved()
    {
        await using var test = await StartAsync();
        var (open, killed) = (await test.HoldAsync("gen-open", 0.5m), await test.HoldAsync("gen-killed", 0.5m));
        await test.UntilIntentsAsync("gen-killed", "gen-open");
        using (var connection = _files.Connect())
        {
            // What is reserved may be gone as soon as it is free.
            connection.Execute(
                """
                CREATE FUNCTION early() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NOT EXISTS (SELECT 1 FROM generations WHERE id = 'gen-open') THEN RAISE EXCEPTION 'freed before the journal is settled'; END IF;
                    RETURN OLD;
                END $$;
                CREATE TRIGGER early BEFORE DELETE ON account_leases FOR EACH ROW EXECUTE FUNCTION early();
                """);
        }

        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));
        _ = killed;

        await ReopenAsync(test);

        Assert.Equal(Credits.Exact(0.25m), await CostAsync(test, "gen-open"));
        Assert.True((await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-killed"))!.Cancelled);
        Assert.Equal(0, CreditLedger.CountJournaled(test.JournalFolder));
        AssertVerifies(test);
        await AssertEverythingCanBeHeldAsync(test, 99.75m);
    }

    [Fact]
    public async Task JournalIsFoundAgainThoughItWasSettled_ChangesNothing()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));
        var file = Path.Combine(test.JournalFolder, "charges.journal");
        var kept = await File.ReadAllBytesAsync(file);
        await ReopenAsync(test);

        // Killed between the commit and the emptying of the file.
        await test.Ledger.StopAsync(default);
        await File.WriteAllBytesAsync(file, kept);
        await test.ReopenAsync();

        Assert.Equal(Credits.Exact(0.25m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        AssertVerifies(test);
    }

    [Fact]
    public async Task CommitHadComeToItsEndWhenTheDatabaseWasLost_IsChargedOnceAndMemoryAgrees()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));

        // What the server did of it before the connection broke.
        await using (var direct = TestLedger.Unstarted(_files))
        {
            var entry = Assert.Single(JournalFile.Read(test.JournalFolder).Left);
            using var store = SettlementStores.Open(direct.Database, new(1, TestLedger.FirstNode, test.Get<NodeLease>().Run), DateTimeOffset.UtcNow);
            using var writing = direct.Database.Lease();
            var first = entry.ToSettlement();
            store.Write(writing, [first], [], []);
            Assert.Null(first.FirstCost);
        }

        _way.Mend();
        await UntilSettledAsync(test);

        Assert.Equal(Credits.Exact(0.25m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        AssertVerifies(test);
        await AssertEverythingCanBeHeldAsync(test, 99.75m);
    }

    [Fact]
    public async Task NodeWasGivenUp_ItsJournalTakesThePlaceOfTheCancelledRecord()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        await test.UntilIntentsAsync("gen-open");
        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));
        await test.Ledger.StopAsync(default);
        await GiveUpAsync();

        await ReopenAsync(test);

        Assert.Equal(Credits.Exact(0.25m), await CostAsync(test, "gen-open"));
        Assert.False((await test.Get<GenerationStore>().FindAsync(test.Account.Id, "gen-open"))!.Cancelled);
        Assert.Equal(Credits.Exact(0.25m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        AssertVerifies(test);
    }

    [Fact]
    public async Task NodeWasGivenUpAndItsCreditsSpent_ChargesWhatIsLeftAndTheOperatorBearsTheRest()
    {
        await using var test = await StartAsync();
        var limit = new KeyLimit(Credits.Exact(50m), UsageWindow.Total, false);
        var open = (await test.Ledger.TryHoldAsync(test.Request("gen-open", 2m, limit))).Hold!;
        await test.UntilIntentsAsync("gen-open");
        _way.Cut();
        await test.Ledger.SettleAsync(open, test.Generation("gen-open", 2m));
        await test.Ledger.StopAsync(default);
        await GiveUpAsync();
        await using (var other = TestLedger.Unstarted(_files))
        {
            await other.Ledger.PostAsync(new()
            {
                AccountId = test.Account.Id, Kind = Postings.PostingKind.Refund, Amount = Credits.Exact(99.5m), IdempotencyKey = "all", Actor = "test",
            });
        }

        await ReopenAsync(test);

        Assert.Equal(Credits.Exact(0.5m), await CostAsync(test, "gen-open"));
        using var connection = _files.Connect();
        Assert.Equal(Credits.Exact(1.5m).PicoDollars, connection.ExecuteScalar<long>("SELECT overrun FROM generations WHERE id = 'gen-open'"));
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT balance FROM ledger_accounts WHERE id = @Id", new { test.Account.Id }));
        Assert.Equal(0, CreditLedger.CountJournaled(test.JournalFolder));
        AssertVerifies(test);
    }

    [Fact]
    public async Task JournalIsFull_TheEndIsWithheldNothingIsChargedAndNothingAdmitted()
    {
        await using var test = await TestLedger.StartAsync(_files, _way, journalBytes: 64 << 10);
        var holds = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => test.HoldAsync($"gen-{i}", 0.5m)));
        _way.Cut();
        var shown = 0;
        foreach (var hold in holds)
        {
            try
            {
                await test.Ledger.SettleAsync(hold, test.Generation(hold.GenerationId, 0.25m) with { RouteDecision = new string('x', 12_000) });
                shown++;
            }
            catch (StorageException full)
            {
                Assert.Contains("is full", full.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(shown, 1, 7);
        Assert.Equal(HoldRefusal.Unavailable, (await test.Ledger.TryHoldAsync(test.Request("gen-more", 0.1m))).Refusal);
        _way.Mend();
        await UntilSettledAsync(test);

        Assert.Equal(Credits.Exact(0.25m * shown), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        Assert.Equal(Credits.Exact(0.25m), await ChargeWhenAdmittedAsync(test, "gen-after", 0.25m));
        AssertVerifies(test);
    }

    [Fact]
    public async Task DatabaseRefusesOneOfTheJournal_TheOthersAreSettledAndItStays()
    {
        await using var test = await StartAsync();
        var holds = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => test.HoldAsync($"gen-{i}", 0.5m)));
        _way.Cut();
        foreach (var hold in holds)
            await test.Ledger.SettleAsync(hold, test.Generation(hold.GenerationId, 0.25m));
        using (var connection = _files.Connect())
            connection.Execute("CREATE TRIGGER poison BEFORE INSERT ON generations FOR EACH ROW WHEN (NEW.id = 'gen-1') EXECUTE FUNCTION ledger_refuse('poison')");
        _way.Mend();
        await Poll(() => test.Ledger.Status.Journaled == 1);
        Assert.Equal(1, CreditLedger.CountJournaled(test.JournalFolder));
        // It keeps nobody from comparing the account with the database.
        holds[0].Funds.Doubt();
        await AssertEverythingCanBeHeldAsync(test, 99.25m);

        using (var connection = _files.Connect())
            connection.Execute("DROP TRIGGER poison ON generations");
        await test.ReopenAsync();

        Assert.Equal(Credits.Exact(0.75m), (await test.Ledger.BalanceAsync(test.Account.Id)).TotalUsage);
        Assert.Equal(0, CreditLedger.CountJournaled(test.JournalFolder));
        AssertVerifies(test);
    }

    [Fact]
    public async Task AnotherProcessHasBecomeTheNode_NothingMoreIsKept()
    {
        await using var test = await StartAsync();
        var open = await test.HoldAsync("gen-open", 0.5m);
        using (var connection = _files.Connect())
            connection.Execute("UPDATE nodes SET run = 'another'");
        await test.Get<NodeLease>().Lost.WaitAsync(Patience);
        _way.Cut();

        await Assert.ThrowsAsync<StorageException>(() => test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m)).AsTask());

        Assert.Equal(0, test.Ledger.Status.Journaled);
        Assert.Equal(0, CreditLedger.CountJournaled(test.JournalFolder));
        _way.Mend();
    }

    [Fact]
    public async Task JournalOfAnotherDatabase_IsNotSettledInThisOne()
    {
        await using (var test = await StartAsync())
        {
            var open = await test.HoldAsync("gen-open", 0.5m);
            _way.Cut();
            await test.Ledger.SettleAsync(open, test.Generation("gen-open", 0.25m));
            _way.Mend();
            await test.Ledger.StopAsync(default);
        }

        // Stopping does not settle; whichever came first, what is in the file belongs to its run.
        var journal = JournalFile.Read(Path.Combine(_files.Folder, $"journal-{TestLedger.FirstNode}"));
        journal.Begin(new(TestLedger.FirstNode.Value, 4711), [Entry()]);
        journal.Dispose();

        var failure = await Assert.ThrowsAsync<StorageException>(() => StartAsync());

        Assert.Contains("another database", failure.Message, StringComparison.Ordinal);
    }

    public Task InitializeAsync()
    {
        _way = new(new NpgsqlConnectionStringBuilder(_files.AddressText).Port);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _way.DisposeAsync();

    public void Dispose() => _files.Dispose();

    private Task<TestLedger> StartAsync() => TestLedger.StartAsync(_files, _way);

    /// <summary>Ends without the database, and starts with it.</summary>
    private async Task ReopenAsync(TestLedger test)
    {
        await test.Ledger.StopAsync(default);
        _way.Mend();
        await test.ReopenAsync();
    }

    private async Task GiveUpAsync()
    {
        await using var operators = TestLedger.Unstarted(_files);
        var outcome = await operators.Ledger.ReleaseNodeAsync(TestLedger.FirstNode.Value);
        Assert.Equal((NodeReleaseResult.Released, 1), (outcome.Result, outcome.Requests));
    }

    private static Task UntilSettledAsync(TestLedger test) => Poll(() => test.Ledger.Status.Journaled == 0);

    private static async Task Poll(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!isSo())
            await Task.Delay(10, patience.Token);
    }

    private static async Task<Credits> CostAsync(TestLedger test, string id) => (await test.Get<GenerationStore>().FindAsync(test.Account.Id, id))!.Cost;

    /// <summary>Memory promises exactly what the database has: not a unit is lost to this node, and none is promised beyond.</summary>
    private static async Task AssertEverythingCanBeHeldAsync(TestLedger test, decimal all)
    {
        Hold? hold = null;
        await Poll(() => (hold = test.Ledger.TryHoldAsync(test.Request("gen-all", all)).AsTask().GetAwaiter().GetResult().Hold) is not null);
        Assert.False((await test.Ledger.TryHoldAsync(test.Request("gen-beyond", 0.000000000001m))).Granted);
        hold!.Dispose();
    }

    private static async Task<Credits> ChargeWhenAdmittedAsync(TestLedger test, string id, decimal cost)
    {
        Hold? hold = null;
        await Poll(() => (hold = test.Ledger.TryHoldAsync(test.Request(id, cost)).AsTask().GetAwaiter().GetResult().Hold) is not null);
        return await test.Ledger.SettleAsync(hold!, test.Generation(id, cost));
    }

    private static JournalEntry Entry() => new()
    {
        Generation = new() { Id = "gen-foreign", AccountId = 1, KeyId = 2, CreatedAtMs = 3, Model = "m", ModelPermaslug = "m", Cost = new(4) },
        Charged = 4, OfKeyLease = 0, Overrun = 0, Day = 20_000, SettledAtMs = 5,
    };

    private static void AssertVerifies(TestLedger test)
    {
        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), report.ToString());
    }
}
