using Dapper;
using Fairlead.Accounts.Schema;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Schema;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests;

/// <summary>Everything of one database in another, of the engine named: all of it, or nothing.</summary>
public abstract class TransferTests(DatabaseEngine from, DatabaseEngine to) : IDisposable
{
    private const long AccountId = 1;

    private readonly TestDatabase _source = new(from);

    [Fact]
    public async Task EveryRowArrives_AndTheLedgerIsTheSame()
    {
        await using var source = await FilledAsync();
        using var files = new TestDatabase(to);
        await using var target = await CopyAsync(source, files);

        Assert.Equal(Figures(source.Database), Figures(target.Database));
        Assert.Equal(Figures(source.Database).CustomerBalances, -Figures(source.Database).PlatformBalances);
        var counts = source.Get<DatabaseCopy>().Count(source.Database);
        Assert.True(counts["generations"] > 20 && counts["intents"] == 1 && counts["price_snapshots"] > 0 && counts["account_settings"] == 0);
        var report = new StringWriter();
        Assert.True(target.Get<LedgerVerifier>().Verify(report), report.ToString());
        foreach (var id in (string[])["gen-1793836800-aaaaaaaaaaaaaaaaaaaa", "gen-0", "gen-22"])
        {
            Assert.Equal(
                await source.Get<GenerationStore>().FindAsync(AccountId, id), await target.Get<GenerationStore>().FindAsync(AccountId, id));
        }
    }

    [Fact]
    public async Task WhatWasInFlight_IsResolvedByTheNextStartThere()
    {
        using var files = new TestDatabase(to);
        await using (var source = await FilledAsync())
        {
            await using var target = await CopyAsync(source, files);
        }

        await using var started = await TestLedger.StartAsync(files);

        var open = await started.Get<GenerationStore>().FindAsync(started.Account.Id, "gen-open");
        Assert.True(open is { Cancelled: true } && open.Cost == Credits.Zero, $"{open}");
        Assert.Equal(Credits.Zero, started.Ledger.Balance(started.Account.Id).Held);
        await started.ChargeAsync("gen-afterwards", 1m);
        var report = new StringWriter();
        Assert.True(started.Get<LedgerVerifier>().Verify(report), report.ToString());
    }

    [Fact]
    public async Task NumbersGivenBefore_AreNotGivenAgain()
    {
        await using var source = await FilledAsync();
        using (var connection = _source.Connect())
        {
            // The last key is gone, its number is not free.
            connection.Execute("INSERT INTO api_keys (id, account_id, hash, name, label, is_provisioning, disabled, limit_reset, include_byok_in_limit, created_at_ms, revision) VALUES (77, 1, 'h', 'n', 'l', 0, 0, 0, 0, 1, 1)");
            if (from is DatabaseEngine.PostgreSql)
            {
                connection.Execute("SELECT setval(pg_get_serial_sequence('api_keys', 'id'), 77)");
            }

            connection.Execute("DELETE FROM api_keys WHERE id = 77");
        }

        using var files = new TestDatabase(to);
        await using var target = await CopyAsync(source, files);

        using var other = files.Connect();
        Assert.Equal(78, other.ExecuteScalar<long>(
            "INSERT INTO api_keys (account_id, hash, name, label, is_provisioning, disabled, limit_reset, include_byok_in_limit, created_at_ms, revision) VALUES (1, 'h2', 'n', 'l', 0, 0, 0, 0, 1, 1) RETURNING id"));
    }

    [Fact]
    public async Task EndedHalfway_TargetIsEmptyAndARepeatSucceeds()
    {
        await using var source = await FilledAsync();
        using var files = new TestDatabase(to);
        await using (var target = Open(files))
        {
            await Assert.ThrowsAsync<IOException>(() => source.Get<DatabaseCopy>().CopyAsync(
                source.Database, target.Database, table => _ = table is { Table: "generations", Copied: > 0 } ? throw new IOException("pulled the plug") : 0, default));
            Assert.Null(source.Get<DatabaseCopy>().FindFilledTable(target.Database));
        }

        await using var again = await CopyAsync(source, files);

        Assert.Equal(Figures(source.Database), Figures(again.Database));
    }

    [Fact]
    public async Task SourceChangedMeanwhile_RefusedAndTargetIsEmpty()
    {
        await using var source = await FilledAsync();
        await using var other = Open(_source);
        using var files = new TestDatabase(to);
        await using var target = Open(files);
        var posted = false;

        var refusal = await Assert.ThrowsAsync<TransferRefusedException>(() => source.Get<DatabaseCopy>().CopyAsync(
            source.Database, target.Database,
            _ =>
            {
                if (!posted)
                {
                    posted = true;
                    other.Ledger.PostAsync(new() { AccountId = AccountId, Kind = PostingKind.Grant, Amount = Credits.Exact(1m), IdempotencyKey = "late", Actor = "test", Note = "late" }).GetAwaiter().GetResult();
                }
            },
            default));

        Assert.Contains("was changed while it was copied", refusal.Message, StringComparison.Ordinal);
        Assert.Null(source.Get<DatabaseCopy>().FindFilledTable(target.Database));
    }

    [Fact]
    public async Task TargetHoldsSomething_RefusedAndLeftAlone()
    {
        await using var source = await FilledAsync();
        await using var target = await TestLedger.StartAsync(to);
        var before = Figures(target.Database);

        var refusal = await Assert.ThrowsAsync<TransferRefusedException>(() => source.Get<DatabaseCopy>().CopyAsync(source.Database, target.Database, static _ => { }, default));

        Assert.Contains("is not empty", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Figures(target.Database));
    }

    [Fact]
    public async Task WhatANodeReserved_IsNotMovedAwayUnderIt()
    {
        if (from is not DatabaseEngine.PostgreSql)
        {
            Assert.Equal(0, await CountReservationsAsync());
            return;
        }

        await using var source = await FilledAsync();
        using (var connection = _source.Connect())
        {
            connection.Execute(
                """
                DELETE FROM account_leases;
                INSERT INTO account_leases (account_id, node_id, reserved) VALUES (1, 'killednode000001', 5);
                UPDATE ledger_accounts SET reserved = 5 WHERE id = 1
                """);
        }

        using var files = new TestDatabase(to);
        await using var target = Open(files);
        var refusal = await Assert.ThrowsAsync<TransferRefusedException>(() => source.Get<DatabaseCopy>().CopyAsync(source.Database, target.Database, static _ => { }, default));

        Assert.Contains("release-node", refusal.Message, StringComparison.Ordinal);
        Assert.Null(source.Get<DatabaseCopy>().FindFilledTable(target.Database));
    }

    [Fact]
    public async Task SourceOfEveryEarlierVersion_ArrivesAtTodays()
    {
        for (var version = 1; version <= Math.Max(LedgerMigrations.Set.Steps.Count, AccountsMigrations.Set.Steps.Count); version++)
        {
            using var old = new TestDatabase(from);
            Database.Open(
                old.Address, new(),
                [.. new[] { LedgerMigrations.Set, AccountsMigrations.Set }.Select(set => set with { Steps = [.. set.Steps.Take(version)] })], TimeProvider.System).Dispose();
            using (var connection = old.Connect())
            {
                connection.Execute(
                    """
                    INSERT INTO accounts (id, public_id, name, is_operator, created_at_ms) VALUES (1, 'user_1', 'First', 1, 1);
                    INSERT INTO ledger_accounts (id, balance, credited, used, purchased) VALUES (1, 5, 5, 0, 5), (-20261103, -5, -5, 0, 0);
                    INSERT INTO postings (id, kind, created_at_ms, actor, note) VALUES (9, 2, 1, 'test', 'first');
                    INSERT INTO entries (posting_id, account_id, amount) VALUES (9, 1, 5), (9, -20261103, -5);
                    INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms) VALUES (1, 1, 'gen-old', 1, 1, 1, 'm', 1);
                    INSERT INTO ledger_boots (id, started_at_ms, resolved_intents) VALUES (1, 1, 0);
                    """);
            }

            await using var source = Open(old);
            using var files = new TestDatabase(to);
            await using var target = await CopyAsync(source, files);

            Assert.Equal(Figures(source.Database), Figures(target.Database));
            var report = new StringWriter();
            Assert.True(target.Get<LedgerVerifier>().Verify(report), $"version {version}: {report}");
        }
    }

    /// <summary>
    /// With two dozen charges of three months, a refund, a request that was in flight when its gateway was killed and, on PostgreSQL, the same prices twice.
    /// </summary>
    private async Task<TestLedger> FilledAsync()
    {
        await using (var source = await TestLedger.StartAsync(_source))
        {
            await source.ChargeAsync("gen-1793836800-aaaaaaaaaaaaaaaaaaaa", 0.25m);
            await source.ChargeAsync("gen-1801836800-aaaaaaaaaaaaaaaaaaaa", 0.000000000001m);
            for (var i = 0; i < 23; i++)
            {
                await source.ChargeAsync($"gen-{i}", 0.01m * i, hold: 1m);
            }

            await source.Ledger.PostAsync(new() { AccountId = source.Account.Id, Kind = PostingKind.Refund, Amount = Credits.Exact(2m), IdempotencyKey = "r", Actor = "test", Note = "back" });
        }

        using var connection = _source.Connect();
        connection.Execute(
            $"""
            INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id)
            SELECT 1000, MAX(id), 'gen-open', 1, 1, 3000000000000, 'acme/rocket-1', 1, '{TestLedger.FirstNode}' FROM ledger_boots
            """);
        if (from is DatabaseEngine.PostgreSql)
        {
            connection.Execute(
                """
                INSERT INTO price_snapshots (body) SELECT body FROM price_snapshots;
                UPDATE generations SET price_id = (SELECT MAX(id) FROM price_snapshots) WHERE id = 'gen-22'
                """);
        }

        return Open(_source);
    }

    /// <summary>SQLite has no table to reserve in: nothing there can be left behind.</summary>
    private async Task<long> CountReservationsAsync()
    {
        await using var source = await FilledAsync();
        using var connection = _source.Connect();
        return connection.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master WHERE name LIKE '%_leases'");
    }

    public void Dispose()
    {
        _source.Dispose();
        GC.SuppressFinalize(this);
    }

    private static TestLedger Open(TestDatabase files) => TestLedger.Unstarted(files);

    private static async Task<TestLedger> CopyAsync(TestLedger source, TestDatabase files)
    {
        var target = Open(files);
        await source.Get<DatabaseCopy>().CopyAsync(source.Database, target.Database, static _ => { }, default);
        return target;
    }

    private static LedgerFigures Figures(Database database)
    {
        using var lease = database.ReadSnapshot();
        return LedgerFigures.Read(lease.Connection);
    }
}

public sealed class TransferTestsToPostgreSql() : TransferTests(DatabaseEngine.Sqlite, DatabaseEngine.PostgreSql);

public sealed class TransferTestsToSqlite() : TransferTests(DatabaseEngine.PostgreSql, DatabaseEngine.Sqlite);

public sealed class TransferTestsToAnotherFile() : TransferTests(DatabaseEngine.Sqlite, DatabaseEngine.Sqlite);

public sealed class TransferTestsToAnotherServer() : TransferTests(DatabaseEngine.PostgreSql, DatabaseEngine.PostgreSql);
