using Dapper;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Holds live in the memory of one gateway: a second one on the same PostgreSQL would promise the same credits again.</summary>
public sealed class ServingTests
{
    [Fact]
    public async Task SecondGatewayOnOnePostgreSql_Exits3AndSaysWhyAndTheFirstGoesOn()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        await using var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]);

        var second = await FairleadProcess.RunAsync(
            "serve", "--data", other.Data, "--database", database.AddressText, "--urls", "http://127.0.0.1:0");

        Assert.Equal(3, second.ExitCode);
        Assert.Contains("Another fairlead serves from the database", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or-v1-", second.Output, StringComparison.Ordinal);
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(first.Url + "/readyz"));
        Assert.True(ready.IsSuccessStatusCode);
    }

    [Fact]
    public async Task AnotherTakesOverWhileTheConnectionIsLost_TheFirstStopsWithExit3()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        using var folder = new TemporaryFolder();
        await using var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]);
        await using var other = database.Connect();
        var taken = other.ExecuteAsync("SELECT pg_advisory_lock(x'66616972'::int, 4)", commandTimeout: 30);

        await using var killer = database.Connect();
        await killer.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 4 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");

        await taken;
        Assert.Equal(3, await first.EndAsync());
        Assert.Contains("another fairlead serves from it now", first.Output + first.Error, StringComparison.Ordinal);
    }
}
