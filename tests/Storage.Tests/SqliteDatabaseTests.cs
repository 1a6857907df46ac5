using Dapper;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Tests;

/// <summary>What both engines promise, on SQLite, and what only a file does.</summary>
public sealed class SqliteDatabaseTests() : DatabaseTests(DatabaseEngine.Sqlite)
{
    [Fact]
    public async Task ManyCommits_TheirPagesReachTheFileBesideTheWritersAndItIsNoForeignChange()
    {
        using var database = Open();
        var before = new FileInfo(Test.FilePath).Length;
        var n = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (new FileInfo(Test.FilePath).Length < before + 1_000_000)
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
        await using var other = new SqliteConnection($"Data Source={Test.FilePath};Pooling=False");
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
        File.WriteAllText(Test.FilePath, text);

        var failure = Assert.Throws<StorageException>(() => Open());

        Assert.Equal(StorageFailure.Corrupted, failure.Failure);
        Assert.Contains("backup", failure.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Test.FilePath));
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

        using (var file = File.OpenWrite(Test.FilePath))
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
    public async Task APageOfAFileTooLargeToBeReadWholeIsDamaged_RefusesToOpenNamingTheCheck()
    {
        using (var database = Open())
        {
            await database.WriteAsync(
                (connection, transaction) => connection.ExecuteAsync(
                    "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 150000) INSERT INTO numbers SELECT n, hex(randomblob(100)) FROM many", transaction: transaction),
                "filling");
        }

        var length = new FileInfo(Test.FilePath).Length;
        using (var file = File.OpenWrite(Test.FilePath))
        {
            file.Position = length * 3 / 4 / 4096 * 4096;
            file.Write(Enumerable.Repeat((byte)0xAB, 4096).ToArray());
        }

        var failure = Assert.Throws<StorageException>(() => Open(new DatabaseOptions { CheckFilesUpTo = 1 << 20, CheckSeconds = 60 }));

        Assert.Equal(StorageFailure.Corrupted, failure.Failure);
        Assert.Contains("PRAGMA quick_check(numbers)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Restore the newest backup", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FileTooLargeForTheTime_OpensAndSaysWhatWasNotLookedAt()
    {
        using (var database = Open())
            Assert.Empty(database.PartlyChecked);

        using var again = Open(new DatabaseOptions { CheckFilesUpTo = 1, CheckSeconds = 0.000001 });

        Assert.Contains("numbers", again.PartlyChecked);
    }

    [Fact]
    public void FolderCannotBeMade_FailureNamesIt()
    {
        var file = Path.Combine(Test.Folder, "file");
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
            Assert.Throws<StorageException>(() => Database.Open(DatabaseAddress.SqliteFile(Test.Folder), new(), [], TimeProvider.System)).Failure);

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public void PowerLossSwitch_SetsHowCommitsAreFlushed(bool survive, long synchronous)
    {
        using var database = Database.Open(DatabaseAddress.SqliteFile(Test.FilePath), new() { SurvivePowerLoss = survive }, [Numbers], TimeProvider.System);
        using var lease = database.Lease();

        Assert.Equal(synchronous, lease.Connection.ExecuteScalar<long>("PRAGMA synchronous"));
        Assert.Equal("wal", lease.Connection.ExecuteScalar<string>("PRAGMA journal_mode"));
    }
}
