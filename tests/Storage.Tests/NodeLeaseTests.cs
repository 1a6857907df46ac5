using System.Collections.Concurrent;
using Dapper;
using Fairlead.Storage.Nodes;
using Fairlead.Storage.Schema;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Storage.Tests;

/// <summary>Nodes on one PostgreSQL: each with a lease of its own, which ends by its own clock.</summary>
public sealed class NodeLeaseTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestDatabase _test = new(DatabaseEngine.PostgreSql);
    private readonly SetClock _clock = new(new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero));
    private readonly List<(NodeLease Lease, Database Database)> _opened = [];

    [Fact]
    public async Task Started_IsValidAndKnowsTheOthers()
    {
        var first = await StartAsync("firstnode0000001");
        var second = await StartAsync("secondnode000001");

        Assert.True(first.IsValid);
        Assert.True(second.Remaining <= NodeLease.Length && second.Remaining > TimeSpan.Zero);
        Assert.Equal(["firstnode0000001"], second.LiveNodes);
        await UntilAsync(() => first.LiveNodes is ["secondnode000001"]);
    }

    [Fact]
    public async Task NotRenewedForALeaseLength_IsNotValidUntilItIsRenewed()
    {
        // Time stands still unless the test moves it: no renewal is due before.
        var lease = await StartAsync("firstnode0000001", _clock);
        await using var connection = _test.Connect();
        await using var inTheWay = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("SELECT 1 FROM nodes FOR UPDATE", transaction: inTheWay);
        _clock.Pass(NodeLease.Length - TimeSpan.FromTicks(1));
        Assert.True(lease.IsValid);

        _clock.Pass(TimeSpan.FromTicks(1));
        Assert.False(lease.IsValid);
        await inTheWay.RollbackAsync();
        await UntilAsync(() => lease.IsValid);
    }

    [Fact]
    public async Task NotStarted_IsNotValid()
    {
        var lease = Open("firstnode0000001");

        Assert.False(lease.IsValid);
        Assert.Equal(TimeSpan.Zero, lease.Remaining);
    }

    [Fact]
    public async Task SecondProcessOfOneNode_IsRefused_AndTheFirstGoesOn()
    {
        var first = await StartAsync("firstnode0000001");

        var refusal = await Assert.ThrowsAsync<StorageException>(() => StartAsync("firstnode0000001"));

        Assert.Equal(StorageFailure.NodeInUse, refusal.Failure);
        Assert.Contains("delete the file node-id in the copy", refusal.Message, StringComparison.Ordinal);
        Assert.True(first.IsValid);
        Assert.False(first.Lost.IsCompleted);
    }

    [Fact]
    public async Task ProcessIsKilled_TheNextTakesOverWithoutWaitingForTheLease()
    {
        // What a kill leaves: a row that looks alive, and no session.
        Open("secondnode000001");
        await using (var connection = _test.Connect())
        {
            await connection.ExecuteAsync("INSERT INTO nodes VALUES ('firstnode0000001', 'killed', 'here', 0, 7, clock_timestamp() + INTERVAL '1 hour')");
        }

        var next = await StartAsync("firstnode0000001");

        Assert.True(next.IsValid);
    }

    [Fact]
    public async Task AnotherProcessBecameTheNode_IsLost()
    {
        var lease = await StartAsync("firstnode0000001");
        await using var connection = _test.Connect();
        await connection.ExecuteAsync("UPDATE nodes SET run = 'another'");

        await lease.Lost.WaitAsync(Patience);

        Assert.False(lease.IsValid);
    }

    [Fact]
    public async Task SessionIsEndedByTheServer_TheLeaseGoesOn()
    {
        var lease = await StartAsync("firstnode0000001");
        var before = await RenewalsAsync();

        await EndSessionsAsync();

        await UntilAsync(async () => await RenewalsAsync() > before + 2);
        Assert.True(lease.IsValid);
        Assert.Equal(StorageFailure.NodeInUse, (await Assert.ThrowsAsync<StorageException>(() => StartAsync("firstnode0000001"))).Failure);
    }

    [Fact]
    public async Task GivenBack_IsFreeAtOnceAndUnknownToTheOthers()
    {
        var first = await StartAsync("firstnode0000001");
        var second = await StartAsync("secondnode000001");

        await first.DisposeAsync();

        Assert.False(first.IsValid);
        await UntilAsync(() => second.LiveNodes is []);
        Assert.True((await StartAsync("firstnode0000001")).IsValid);
    }

    [Fact]
    public async Task Messages_ReachEveryOtherNodeThatListensForThem()
    {
        var sender = await StartAsync("firstnode0000001");
        var other = await StartAsync("secondnode000001");
        var heard = new ConcurrentQueue<NodeMessage>();
        using var own = sender.Listen("wanted", heard.Enqueue);
        using var listening = other.Listen("wanted", heard.Enqueue);
        using var elsewhere = other.Listen("else", heard.Enqueue);

        await sender.SendAsync("wanted", "17 and more");
        await UntilAsync(() => !heard.IsEmpty);
        listening.Dispose();
        await sender.SendAsync("wanted", "18");
        await sender.SendAsync("else", "19");
        await UntilAsync(() => heard.Count > 1);

        Assert.Equal([new("firstnode0000001", "wanted", "17 and more"), new("firstnode0000001", "else", "19")], heard);
    }

    [Fact]
    public async Task TransactionsBesideTheWriteLease_WaitForNobody()
    {
        Open("firstnode0000001");
        var database = _opened[0].Database;
        using var writing = database.Lease();

        var sum = await database.WriteSharedAsync((connection, transaction) => connection.ExecuteScalarAsync<int>("SELECT 1 + 1", transaction: transaction), "adding").WaitAsync(Patience);

        Assert.Equal(2, sum);
    }

    [Fact]
    public async Task OnSqlite_IsAlwaysValidAndAlone()
    {
        using var test = new TestDatabase(DatabaseEngine.Sqlite);
        using var database = Database.Open(test.Address, new(), [StorageMigrations.Set], TimeProvider.System);
        await using var lease = new NodeLease(database, new("firstnode0000001"), TimeProvider.System, NullLogger<NodeLease>.Instance);
        Assert.True(lease.IsValid);

        await lease.StartAsync(default);
        await lease.SendAsync("wanted", "1");

        Assert.True(lease.IsValid && lease.IsAlone);
        Assert.Empty(lease.LiveNodes);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var (lease, database) in _opened)
        {
            await lease.DisposeAsync();
            database.Dispose();
        }
    }

    public void Dispose() => _test.Dispose();

    private async Task<NodeLease> StartAsync(string node, TimeProvider? clock = null)
    {
        var lease = Open(node, clock);
        await lease.StartAsync(default);
        return lease;
    }

    private NodeLease Open(string node, TimeProvider? clock = null)
    {
        var database = Database.Open(_test.Address, new(), [StorageMigrations.Set], TimeProvider.System);
        var lease = new NodeLease(database, new(node), clock ?? TimeProvider.System, NullLogger<NodeLease>.Instance);
        _opened.Add((lease, database));
        return lease;
    }

    private async Task<long> RenewalsAsync()
    {
        await using var connection = _test.Connect();
        return await connection.ExecuteScalarAsync<long>("SELECT renewals FROM nodes");
    }

    /// <summary>Ends the sessions that hold a node's lock.</summary>
    private async Task EndSessionsAsync()
    {
        await using var connection = _test.Connect();
        await connection.ExecuteAsync(
            """
            SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """);
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var patience = Task.Delay(Patience); !await holds();)
        {
            Assert.False(patience.IsCompleted, "It did not come about.");
            await Task.Delay(20);
        }
    }
}
