using Dapper;
using Fairlead.Accounts.Schema;
using Fairlead.Ledger.Schema;
using Fairlead.Storage;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Schema;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests;

/// <summary>A database of any earlier version becomes one of today, with what was in it.</summary>
public abstract class SchemaTests(DatabaseEngine engine) : LedgerTests(engine)
{
    [Fact]
    public async Task DatabaseOfEveryEarlierVersion_ComesToTodaysTablesAndWorks()
    {
        var today = await ColumnsAsync(StepsOf(int.MaxValue));
        for (var version = 0; version <= Math.Max(LedgerMigrations.Set.Steps.Count, AccountsMigrations.Set.Steps.Count); version++)
        {
            using var files = new TestDatabase(Engine);
            Database.Open(files.Address, new(), StepsOf(version), TimeProvider.System).Dispose();

            await using var test = await TestLedger.StartAsync(files);
            await test.ChargeAsync("gen-1", 0.5m);

            Assert.Equal(today, Columns(files));
        }
    }

    [Fact]
    public void StepsAreReleased_TheirTextsNeverChange()
    {
        // Of 0.1.0: whoever has such a database has run these texts.
        Assert.Equal("3b6d98c169df3cf1f8a5f5b88cb6f0eba6a898802fb90f80b42a173b6570aa0d", Digest(LedgerMigrations.Set.Steps[0].Sql));
        Assert.Equal("fa8b1632d3fe731d866ee199a73647737b5da7a46c5397aa920be2a3abd42f01", Digest(AccountsMigrations.Set.Steps[0].Sql));
    }

    private static MigrationSet[] StepsOf(int version) =>
        [.. new[] { StorageMigrations.Set, LedgerMigrations.Set, AccountsMigrations.Set }.Select(set => set with { Steps = [.. set.Steps.Take(version)] })];

    private Task<List<string>> ColumnsAsync(MigrationSet[] sets)
    {
        using var files = new TestDatabase(Engine);
        Database.Open(files.Address, new(), sets, TimeProvider.System).Dispose();
        return Task.FromResult(Columns(files));
    }

    private List<string> Columns(TestDatabase files)
    {
        using var connection = files.Connect();
        return [.. connection.Query<string>(ByEngine(
            "SELECT m.name || '.' || c.name || ' ' || c.type FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1",
            """
            SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name !~ '^generations_[1-9]' ORDER BY 1
            """))];
    }

    private static string Digest(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}

public sealed class SchemaTestsOnSqlite() : SchemaTests(DatabaseEngine.Sqlite);

public sealed class SchemaTestsOnPostgreSql() : SchemaTests(DatabaseEngine.PostgreSql);
