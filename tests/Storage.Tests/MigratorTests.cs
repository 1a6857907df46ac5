using Dapper;
using Fairlead.Storage.Migrations;

namespace Fairlead.Storage.Tests;

public sealed class MigratorTests : IDisposable
{
    private static readonly Migration First = new(1, "first", "CREATE TABLE a (n INTEGER)");
    private static readonly Migration Second = new(2, "second", "ALTER TABLE a ADD COLUMN m INTEGER; INSERT INTO a VALUES (1, 2)");

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-migrate-").FullName;

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
        var broken = new MigrationSet("b", 2, [new(1, "broken", "CREATE TABLE b (n INTEGER); INSERT INTO nowhere VALUES (1)")]);

        Assert.Throws<StorageException>(() => Open(new MigrationSet("a", 1, [First]), broken));

        using var database = Open();
        Assert.Empty(Versions(database));
        Assert.Equal(0, Scalar(database, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('a', 'b')"));
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
    public async Task SeveralProgramsStartAtOnce_EachStepRunsOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open(new MigrationSet("a", 1, [First, Second])).Dispose())));

        using var database = Open();
        Assert.Equal(1, Scalar(database, "SELECT COUNT(*) FROM a"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Database Open(params MigrationSet[] sets) =>
        Database.Open(DatabaseAddress.SqliteFile(Path.Combine(_folder, "a.db")), new(), sets, TimeProvider.System);

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
