using System.Net;
using System.Net.Sockets;
using Dapper;
using Fairlead.Storage.PostgreSql;
using Fairlead.Testing.PostgreSql;

namespace Fairlead.Storage.Tests;

/// <summary>What both engines promise, on PostgreSQL, and what only a server does.</summary>
public sealed class PostgreSqlDatabaseTests() : DatabaseTests(DatabaseEngine.PostgreSql)
{
    [Fact]
    public void ServerDoesNotListen_FailureNamesItAndSaysWhatToCheck()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)unused.LocalEndPoint!).Port;

        var failure = OpenFails($"Host=127.0.0.1;Port={port};Username=fairlead;Password=secret;Database=fairlead");

        Assert.Equal(StorageFailure.Unreachable, failure.Failure);
        Assert.StartsWith($"Opening the database at 127.0.0.1:{port}/fairlead failed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("check that the server runs", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void HostIsUnknown_FailureIsUnreachable() =>
        Assert.Equal(StorageFailure.Unreachable, OpenFails("postgres://fairlead@nowhere.invalid/fairlead").Failure);

    [Fact]
    public void PasswordIsWrong_FailureSaysSoAndDoesNotRepeatIt()
    {
        PostgreSqlCluster.Current.RequirePassword("guarded");
        var address = PostgreSqlCluster.Current.Address("postgres").Replace("Username=fairlead", "Username=guarded", StringComparison.Ordinal);

        var wrong = OpenFails(address + ";Password=not-the-secret");
        var none = OpenFails(address);

        Assert.Equal((StorageFailure.AccessDenied, StorageFailure.AccessDenied), (wrong.Failure, none.Failure));
        Assert.Contains("password", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DatabaseDoesNotExist_FailureSaysToMakeIt()
    {
        var failure = OpenFails(PostgreSqlCluster.Current.Address("nowhere"));

        Assert.Equal(StorageFailure.CannotOpen, failure.Failure);
        Assert.Contains("createdb", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("14.11", "UTF8", StorageFailure.TooOld, "PostgreSQL 14.11; Fairlead needs 15")]
    [InlineData("15.4", "LATIN1", StorageFailure.CannotOpen, "encoding LATIN1")]
    public void ServerOrDatabaseCannotBeUsed_FailureSaysWhy(string version, string encoding, StorageFailure failure, string says)
    {
        var refusal = Assert.Throws<StorageException>(() => PostgreSqlEngine.Check(Version.Parse(version), encoding, "db:5432/fairlead"));

        Assert.Equal(failure, refusal.Failure);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherSessionHoldsTheRows_FailureSaysLockedAndWhatToDo()
    {
        using var database = Open(busyTimeoutSeconds: 0);
        await using var other = Test.Connect();
        await other.ExecuteAsync("BEGIN; LOCK TABLE numbers");

        var failure = await Assert.ThrowsAsync<StorageException>(() => AddAsync(database, 1));

        Assert.Equal((StorageFailure.Locked, true), (failure.Failure, failure.ConcernsTheWholeDatabase));
        Assert.Contains("pg_stat_activity", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerEndsEverySession_NextWorkSucceedsAndItCountsAsAChangeMissed()
    {
        using var database = Open();
        await AddAsync(database, 1);
        Assert.False(await database.ChangedByOthersAsync());

        await EndSessionsAsync();

        await UntilSucceedsAsync(() => AddAsync(database, 2));
        var changed = false;
        await UntilSucceedsAsync(async () => changed = await database.ChangedByOthersAsync());
        Assert.True(changed);
        Assert.False(await database.ChangedByOthersAsync());
        Assert.Equal([1, 2], await NumbersOfAsync(database));
    }

    [Fact]
    public async Task AnotherProcessCommits_TheWaitForASignEndsAtOnce()
    {
        using var database = Database.Open(Test.Address, new() { ForeignChangePollMs = 60_000 }, [Numbers], TimeProvider.System);
        using var other = Open();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        var sign = database.WaitForSignAsync(TimeProvider.System, patience.Token);
        await AddAsync(other, 1);
        await sign;

        Assert.True(await database.ChangedByOthersAsync(patience.Token));
    }

    private async Task EndSessionsAsync()
    {
        await using var other = Test.Connect();
        await other.ExecuteAsync(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    /// <summary>A pooled connection is found broken by the work that gets it.</summary>
    private static async Task UntilSucceedsAsync(Func<Task> work)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (StorageException failure) when (failure.Failure is StorageFailure.Unreachable && attempt < 10)
            {
                continue;
            }
        }
    }

    private static StorageException OpenFails(string address) =>
        Assert.Throws<StorageException>(() => Database.Open(DatabaseAddress.Parse(address), new(), [], TimeProvider.System));
}
