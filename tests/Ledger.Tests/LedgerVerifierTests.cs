using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>Each invariant is broken by raw SQL, as a bug or a hand at the database would, and its check says so.</summary>
public abstract class LedgerVerifierTests(DatabaseEngine engine) : LedgerTests(engine)
{
    private const string Intent =
        "INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id) VALUES ";

    private const string NoTriggers = "no triggers; ";
    private const string NoCover = "{no cover}";

    private string NoTriggersSql => ByEngine(
        "DROP TRIGGER entries_no_update; DROP TRIGGER entries_no_delete; DROP TRIGGER postings_no_delete; DROP TRIGGER generations_no_recharge; ",
        "ALTER TABLE entries DISABLE TRIGGER USER; ALTER TABLE postings DISABLE TRIGGER USER; ALTER TABLE generations DISABLE TRIGGER USER; ");

    [Fact]
    public async Task NothingBroken_EveryCheckPasses()
    {
        await using var test = await WithChargesAsync();

        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), report.ToString());
        var lines = report.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(8, lines.Count(static line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Theory]
    // A charge that is in the record and not in the entries, or the other way round.
    [InlineData("M1", "gen-2", NoTriggers + "UPDATE generations SET cost = cost + 1 WHERE id = 'gen-2'")]
    [InlineData("M1", "gen-2", NoTriggers + "UPDATE generations SET posting_id = NULL WHERE id = 'gen-2'")]
    [InlineData("M1", "has no generation", "DELETE FROM generations WHERE id = 'gen-3'")]
    [InlineData("M1", "differs by", NoTriggers + "UPDATE generations SET overrun = 7 WHERE id = 'gen-2'")]
    // Charged twice.
    [InlineData("M2", "generations_id is missing", "DROP INDEX generations_id")]
    // Balances and entries.
    [InlineData("M3", "account 1 holds", "UPDATE ledger_accounts SET balance = balance + 1 WHERE id = 1")]
    [InlineData("M3", "credited", "UPDATE ledger_accounts SET credited = credited + 1 WHERE id = 1")]
    [InlineData("M3", "instead of 0", NoTriggers + "UPDATE entries SET amount = amount + 1 WHERE posting_id = 2 AND account_id = 1")]
    [InlineData("M3", "posting 1 has no entries", NoTriggers + "DELETE FROM entries WHERE posting_id = 1")]
    [InlineData("M3", "entries of posting 1 have no posting", NoTriggers + "DELETE FROM postings WHERE id = 1")]
    [InlineData("M3", "and no balance", "DELETE FROM ledger_accounts WHERE id = 1")]
    // Limits.
    [InlineData("M4", "account 1 is at -5", NoCover + "UPDATE ledger_accounts SET balance = -5 WHERE id = 1")]
    [InlineData("M4", "set aside", Intent + "(1, 1, 'gen-x', 1, 1, 9000000000000000, '', 0, 'firstnode0000001')")]
    [InlineData("M4", "key 1", "UPDATE key_usage_daily SET usage = usage - 1")]
    [InlineData("M4", "activity differs", "DELETE FROM activity_hourly")]
    // Recovery.
    [InlineData("M5", "gen-x is left from run 1", "INSERT INTO ledger_boots VALUES (2, 0, 0, 'firstnode0000001'); " +
        Intent + "(1, 1, 'gen-x', 1, 1, 1, '', 0, 'firstnode0000001')")]
    [InlineData("M5", "gen-1 is settled", Intent + "(1, 1, 'gen-1', 1, 1, 1, '', 0, 'firstnode0000001')")]
    // Usage.
    [InlineData("M6", "gen-1 holds a negative", "UPDATE generations SET native_tokens_completion = -1 WHERE id = 'gen-1'")]
    public async Task BrokenByHand_ItsCheckNamesTheOffender(string check, string names, string sql)
    {
        await using var test = await WithChargesAsync();

        AssertBroken(test, check, names, sql.Replace(NoTriggers, NoTriggersSql, StringComparison.Ordinal).Replace(NoCover, NoCoverSql, StringComparison.Ordinal));
    }

    [Fact]
    public async Task GenerationIsThereTwice_CheckNamesIt()
    {
        await using var test = await WithChargesAsync();

        AssertBroken(test, "M2", "gen-1 is recorded 2 times", "DROP INDEX generations_id; " + ByEngine(
            "CREATE TEMP TABLE t AS SELECT * FROM generations WHERE id = 'gen-1'; UPDATE t SET seq = 1000; INSERT INTO generations SELECT * FROM t",
            "INSERT INTO generations SELECT * FROM generations WHERE id = 'gen-1'"));
    }

    [Fact]
    public async Task TriggerIsGone_CheckNamesIt()
    {
        await using var test = await WithChargesAsync();

        AssertBroken(test, "M3", "entries_no_delete", ByEngine("DROP TRIGGER entries_no_delete", "DROP TRIGGER entries_no_delete ON entries"));
    }

    /// <summary>PostgreSQL keeps balances above what is reserved by itself.</summary>
    private string NoCoverSql => ByEngine("", "ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_covered; ");

    protected static void AssertBroken(TestLedger test, string check, string names, string sql)
    {
        Corrupt(test, sql);

        var report = new StringWriter();
        Assert.False(test.Get<LedgerVerifier>().Verify(report));
        var line = Assert.Single(report.ToString().Split('\n'), line => line.StartsWith($"BROKEN  {check} ", StringComparison.Ordinal));
        Assert.Contains(names, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE entries SET amount = 0")]
    [InlineData("DELETE FROM entries")]
    [InlineData("UPDATE postings SET kind = 2")]
    [InlineData("DELETE FROM postings")]
    [InlineData("UPDATE generations SET cost = 0")]
    public async Task HandOnTheLedger_DatabaseRefuses(string sql)
    {
        await using var test = await WithChargesAsync();

        var refusal = Assert.ThrowsAny<DbException>(() => Corrupt(test, sql));

        Assert.Contains("never changes|append-only".Split('|'), word => refusal.Message.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public async Task HundredsOfOffenders_TwentyAreListedAndTheRestCounted()
    {
        await using var test = await WithChargesAsync();
        Corrupt(
            test,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO postings SELECT 1000 + i, 4, 0, NULL, '', '' FROM n");

        var report = new StringWriter();
        Assert.False(test.Get<LedgerVerifier>().Verify(report));
        Assert.Contains("and 280 more", report.ToString(), StringComparison.Ordinal);
    }

    protected async Task<TestLedger> WithChargesAsync()
    {
        var test = await StartAsync();
        for (var i = 1; i <= 3; i++)
        {
            await test.ChargeAsync($"gen-{i}", 0.25m * i);
        }

        return test;
    }

    private static void Corrupt(TestLedger test, string sql)
    {
        using var connection = test.Files.Connect();
        connection.Execute(sql);
    }
}

public sealed class LedgerVerifierTestsOnSqlite() : LedgerVerifierTests(DatabaseEngine.Sqlite);

public sealed class LedgerVerifierTestsOnPostgreSql() : LedgerVerifierTests(DatabaseEngine.PostgreSql)
{
    [Theory]
    [InlineData("reserved and the leases of its nodes are", "UPDATE ledger_accounts SET reserved = reserved - 1 WHERE id = 1")]
    [InlineData("reserved and the leases of its nodes are", "UPDATE account_leases SET reserved = reserved + 1")]
    [InlineData("node othernode0000001 is not known", "INSERT INTO account_leases VALUES (1, 'othernode0000001', 0)")]
    [InlineData("node othernode0000001 is not known", "INSERT INTO key_leases VALUES (1, 'othernode0000001', 1, 0)")]
    [InlineData("and nodes have reserved",
        "ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_covered; UPDATE account_leases SET reserved = 9000000000000000; UPDATE ledger_accounts SET reserved = 9000000000000000 WHERE id = 1")]
    [InlineData("ledger_accounts_covered", "ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_covered")]
    public async Task LeasesAreBrokenByHand_TheCheckNamesTheOffender(string names, string sql)
    {
        await using var test = await WithChargesAsync();

        AssertBroken(test, "M4", names, sql);
    }
}
