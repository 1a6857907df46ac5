using Dapper;
using Fairlead.Storage.PostgreSql;
using Fairlead.Testing;

namespace Fairlead.Storage.Tests;

/// <summary>One gateway serves from a PostgreSQL database at a time.</summary>
public sealed class PostgreSqlServingTests : IDisposable
{
    private readonly TestDatabase _test = new(DatabaseEngine.PostgreSql);

    [Fact]
    public async Task AnotherServes_IsRefusedUntilItStops()
    {
        using var first = Open();
        using var second = Open();
        var right = await first.TryServeAsync();
        Assert.NotNull(right);

        Assert.Null(await second.TryServeAsync());

        await right.DisposeAsync();
        await using var next = await second.TryServeAsync();
        Assert.NotNull(next);
    }

    [Fact]
    public async Task SessionIsEndedByTheServer_IsTakenAgain()
    {
        using var first = Open();
        using var second = Open();
        await using var right = await first.TryServeAsync();

        var before = await HolderAsync();
        await EndHolderAsync();
        // The server ends a session some time after it was told to; the gateway looks once a second.
        int? now;
        for (var patience = Task.Delay(TimeSpan.FromSeconds(20)); ((now = await HolderAsync()) is null || now == before) && !patience.IsCompleted;)
        {
            await Task.Delay(50);
        }

        Assert.True(now is not null && now != before, $"held by {now}, before by {before}");
        Assert.Null(await second.TryServeAsync());
        Assert.False(right!.Lost.IsCompleted);
    }

    [Fact]
    public async Task AnotherTakesItWhileTheSessionIsLost_IsLost()
    {
        using var first = Open();
        await using var right = await first.TryServeAsync();
        await using var other = _test.Connect();
        var taken = other.ExecuteAsync($"SELECT pg_advisory_lock({PostgreSqlLock.Space}, {PostgreSqlLock.Serve})", commandTimeout: 20);

        await EndHolderAsync();

        await taken;
        await right!.Lost.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public void Dispose() => _test.Dispose();

    private const string Holder =
        "FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 4 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private async Task<int?> HolderAsync()
    {
        await using var connection = _test.Connect();
        return await connection.ExecuteScalarAsync<int?>($"SELECT pid {Holder}");
    }

    private async Task EndHolderAsync()
    {
        await using var connection = _test.Connect();
        await connection.ExecuteAsync($"SELECT pg_terminate_backend(pid) {Holder}");
    }

    private Database Open() => Database.Open(_test.Address, new DatabaseOptions(), [], TimeProvider.System);
}
