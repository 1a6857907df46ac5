using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Testing;

namespace Fairlead.Storage.Tests;

/// <summary>What both engines promise.</summary>
public abstract class DatabaseTests(DatabaseEngine engine) : IDisposable
{
    protected static readonly MigrationSet Numbers = new("numbers", 1, [new(1, "numbers", "CREATE TABLE numbers (n BIGINT NOT NULL UNIQUE, text TEXT)")]);

    protected TestDatabase Test { get; } = new(engine);

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
        using var database = Open();

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
    public void Disposed_IsNotReachable()
    {
        var database = Open();
        Assert.True(database.IsReachable());

        database.Dispose();

        Assert.False(database.IsReachable());
    }

    public void Dispose()
    {
        Test.Dispose();
        GC.SuppressFinalize(this);
    }

    protected Database Open(int busyTimeoutSeconds = 5) =>
        Database.Open(Test.Address, new() { BusyTimeoutSeconds = busyTimeoutSeconds }, [Numbers], TimeProvider.System);

    protected Database Open(DatabaseOptions options) => Database.Open(Test.Address, options, [Numbers], TimeProvider.System);

    protected static Task<int> AddAsync(Database database, int n, string? text = null) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync("INSERT INTO numbers (n, text) VALUES (@n, @text)", new { n, text }, transaction),
        "adding a number");

    protected static Task<List<int>> NumbersOfAsync(Database database) => database.ReadAsync(
        async connection => (await connection.QueryAsync<int>("SELECT n FROM numbers ORDER BY n")).ToList(), "reading numbers");
}
