using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Testing;

namespace Fairlead.Storage.Tests;

public abstract class MigratorTests(DatabaseEngine engine) : IDisposable
{
    private static readonly Migration First = new(1, "first", "CREATE TABLE a (n BIGINT)");
    private static readonly Migration Second = new(2, "second", "ALTER TABLE a ADD COLUMN m BIGINT; INSERT INTO a VALUES (1, 2)");

    private readonly TestDatabase _test = new(engine);

    [Fact]
    public void OldDatabase_GetsOnlyTheStepsItLacks()
    {
        Open(new MigrationSet("a", 1, [First])).Dispose();

        using var database = Open(new MigrationSet("a", 1, [First, Second]));

        Assert.Equal(["1 first", "2 second"], Versions(database));
        Assert.Equal(1, Scalar(database, "SELECT COUNT(*) FROM a WHERE m = 2"));
    }

    [Fact]
    public void AStepFails_NothingOfAnyStepRemains()
    {
        var broken = new MigrationSet("b", 2, [new(1, "broken", "CREATE TABLE b (n BIGINT); INSERT INTO nowhere VALUES (1)")]);

        Assert.Throws<StorageException>(() => Open(new MigrationSet("a", 1, [First]), broken));

        using var database = Open();
        Assert.Empty(Versions(database));
        Assert.Throws<StorageException>(() => Open(new MigrationSet("a", 1, [new(1, "look", "INSERT INTO a VALUES (1)")])));
    }

    [Fact]
    public void DatabaseOfANewerProgram_IsRefusedAndLeftAlone()
    {
        Open(new MigrationSet("a", 1, [First, Second])).Dispose();

        var failure = Assert.Throws<StorageException>(() => Open(new MigrationSet("a", 1, [First])));

        Assert.Equal(StorageFailure.NewerSchema, failure.Failure);
        Assert.Contains("newer Fairlead", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RoomsAreMigratedInTheirOrder()
    {
        var later = new MigrationSet("aaa", 2, [new(1, "needs a", "INSERT INTO a VALUES (1)")]);

        using var database = Open(later, new MigrationSet("zzz", 1, [First]));

        Assert.Equal(1, Scalar(database, "SELECT COUNT(*) FROM a"));
    }

    [Fact]
    public void GapInTheNumbers_IsABug() =>
        Assert.Throws<InvalidOperationException>(() => Open(new MigrationSet("a", 1, [First, new(3, "third", "")])));

    [Fact]
    public void StepsDifferByEngine_EachEngineRunsItsOwn()
    {
        using var database = Open(new MigrationSet("a", 1, [First, new(2, "own", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)")]));

        Assert.Equal(database.Engine is DatabaseEngine.PostgreSql ? 2 : 1, Scalar(database, "SELECT n FROM a"));
    }

    [Fact]
    public async Task SeveralProgramsStartAtOnce_EachStepRunsOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open(new MigrationSet("a", 1, [First, Second])).Dispose())));

        using var database = Open();
        Assert.Equal(1, Scalar(database, "SELECT COUNT(*) FROM a"));
    }

    public void Dispose()
    {
        _test.Dispose();
        GC.SuppressFinalize(this);
    }

    private Database Open(params MigrationSet[] sets) =>
        Database.Open(_test.Address, new(), sets, TimeProvider.System);

    private static List<string> Versions(Database database)
    {
        using var lease = database.Read();
        return lease.Connection.Query<string>("SELECT version || ' ' || name FROM schema_versions ORDER BY room, version").ToList();
    }

    private static long Scalar(Database database, string sql)
    {
        using var lease = database.Read();
        return lease.Connection.ExecuteScalar<long>(sql);
    }
}

public sealed class MigratorTestsOnSqlite() : MigratorTests(DatabaseEngine.Sqlite);

public sealed class MigratorTestsOnPostgreSql() : MigratorTests(DatabaseEngine.PostgreSql);
