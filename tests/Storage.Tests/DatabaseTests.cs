using Dapper;
using Fairlead.Storage.Migrations;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Tests;

public sealed class DatabaseTests : IDisposable
{
    private static readonly MigrationSet Numbers = new("numbers", 1, [new(1, "numbers", "CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE, text TEXT)")]);

    private readonly string _folder = Directory.CreateTempSubdirectory("fairlead-storage-").FullName;

    [Fact]
    public async Task WorkReturns_ItIsCommitted()
    {
        using var database = Open();

        await AddAsync(database, 1);

        Assert.Equal([1], await NumbersOfAsync(database));
    }

    [Fact]
    public async Task WorkThrows_NothingOfItIsWrittenAndTheNextWorks()
    {
        using var database = Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync("INSERT INTO numbers (n) VALUES (1)", transaction: transaction);
                throw new InvalidOperationException();
            },
            "adding"));
        await AddAsync(database, 2);

        Assert.Equal([2], await NumbersOfAsync(database));
    }

    [Fact]
    public async Task RuleOfTheDataIsBroken_FailureNamesTheWorkAndIsNoFaultOfTheDatabase()
    {
        using var database = Open();
        await AddAsync(database, 1);

        var failure = await Assert.ThrowsAsync<StorageException>(() => AddAsync(database, 1));

        Assert.Equal((StorageFailure.Other, false), (failure.Failure, failure.ConcernsTheWholeDatabase));
        Assert.StartsWith("Adding a number failed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWritersAtOnce_AllTakeTheirTurn()
    {
        using var database = Open(busyTimeoutSeconds: 0);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Task.Run(() => AddAsync(database, n))));

        Assert.Equal(200, (await NumbersOfAsync(database)).Count);
    }

    [Fact]
    public async Task SnapshotIsOpen_LaterCommitsAreNotSeenInItAndAreSeenAfter()
    {
        using var database = Open();
        await AddAsync(database, 1);
        using (var snapshot = database.ReadSnapshot())
        {
            Assert.Equal(1, await snapshot.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM numbers"));
            await AddAsync(database, 2);
            Assert.Equal(1, await snapshot.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM numbers"));
        }

        Assert.Equal([1, 2], await NumbersOfAsync(database));
    }

    [Fact]
    public async Task ReadingConnection_CannotWrite()
    {
        using var database = Open();

        await Assert.ThrowsAsync<StorageException>(
            () => database.ReadAsync(connection => connection.ExecuteAsync("INSERT INTO numbers (n) VALUES (1)"), "reading"));
    }

    [Fact]
    public async Task OnlyAnotherProcessCommitting_CountsAsForeignChange()
    {
        using var database = Open();
        await AddAsync(database, 1);
        Assert.False(await database.ChangedByOthersAsync());

        using (var other = Open())
        {
            await AddAsync(other, 2);
        }

        Assert.True(await database.ChangedByOthersAsync());
        Assert.False(await database.ChangedByOthersAsync());
    }

    [Fact]
    public async Task ManyCommits_TheirPagesReachTheFileBesideTheWritersAndItIsNoForeignChange()
    {
        using var database = Open();
        var before = new FileInfo(FilePath).Length;
        var n = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (new FileInfo(FilePath).Length < before + 1_000_000)
        {
            patience.Token.ThrowIfCancellationRequested();
            await AddAsync(database, n++, new string('x', 8000));
        }

        // SQLite by itself would have left everything in the WAL up to 64 MB.
        Assert.InRange(n, 100, 8000);
        Assert.False(await database.ChangedByOthersAsync());
        Assert.Equal(n, (await NumbersOfAsync(database)).Count);
    }

    [Fact]
    public async Task AnotherProcessWrites_FailureSaysLockedAndWhatToDo()
    {
        using var database = Open(busyTimeoutSeconds: 0);
        await using var other = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        await other.OpenAsync();
        await other.ExecuteAsync("BEGIN IMMEDIATE");

        var failure = await Assert.ThrowsAsync<StorageException>(() => AddAsync(database, 1));

        Assert.Equal((StorageFailure.Locked, true), (failure.Failure, failure.ConcernsTheWholeDatabase));
        Assert.Contains("another process", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FileIsNotADatabase_RefusesToOpenAndLeavesItAlone()
    {
        var text = string.Concat(Enumerable.Repeat("This is a text file and no database. ", 400));
        File.WriteAllText(FilePath, text);

        var failure = Assert.Throws<StorageException>(() => Open());

        Assert.Equal(StorageFailure.Corrupted, failure.Failure);
        Assert.Contains("backup", failure.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Fact]
    public async Task APageIsDamaged_RefusesToOpenAndSaysHowToRestore()
    {
        using (var database = Open())
        {
            for (var n = 0; n < 200; n++)
            {
                await AddAsync(database, n, new string('x', 200));
            }
        }

        using (var file = File.OpenWrite(FilePath))
        {
            // Past the header and the schema: the pages of rows and index.
            file.Position = 4 * 4096;
            file.Write(Enumerable.Repeat((byte)0xAB, 3 * 4096).ToArray());
        }

        var failure = Assert.Throws<StorageException>(() => Open());

        Assert.Equal(StorageFailure.Corrupted, failure.Failure);
        Assert.Contains("backup", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FolderCannotBeMade_FailureNamesIt()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        var failure = Assert.Throws<StorageException>(
            () => Database.Open(DatabaseAddress.SqliteFile(Path.Combine(file, "sub", "a.db")), new(), [], TimeProvider.System));

        Assert.Equal(StorageFailure.CannotOpen, failure.Failure);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PathIsAFolder_FailureSaysItCannotBeOpened() =>
        Assert.Equal(
            StorageFailure.CannotOpen,
            Assert.Throws<StorageException>(() => Database.Open(DatabaseAddress.SqliteFile(_folder), new(), [], TimeProvider.System)).Failure);

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void PowerLossSwitch_SetsHowCommitsAreFlushed(bool survive, long synchronous)
    {
        using var database = Database.Open(DatabaseAddress.SqliteFile(FilePath), new() { SurvivePowerLoss = survive }, [Numbers], TimeProvider.System);
        using var lease = database.Lease();

        Assert.Equal(synchronous, lease.Connection.ExecuteScalar<long>("PRAGMA synchronous"));
        Assert.Equal("wal", lease.Connection.ExecuteScalar<string>("PRAGMA journal_mode"));
    }

    [Fact]
    public void Disposed_IsNotReachable()
    {
        var database = Open();
        Assert.True(database.IsReachable());

        database.Dispose();

        Assert.False(database.IsReachable());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string FilePath => Path.Combine(_folder, "a.db");

    private Database Open(int busyTimeoutSeconds = 5) =>
        Database.Open(DatabaseAddress.SqliteFile(FilePath), new() { BusyTimeoutSeconds = busyTimeoutSeconds }, [Numbers], TimeProvider.System);

    private static Task<int> AddAsync(Database database, int n, string? text = null) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync("INSERT INTO numbers (n, text) VALUES (@n, @text)", new { n, text }, transaction),
        "adding a number");

    private static Task<List<int>> NumbersOfAsync(Database database) => database.ReadAsync(
        async connection => (await connection.QueryAsync<int>("SELECT n FROM numbers ORDER BY n")).ToList(), "reading numbers");
}
