using Dapper;
using Fairlead.Storage;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Several gateways on one PostgreSQL, each a node with a data folder of its own.</summary>
public sealed class ServingTests : IDisposable
{
    private readonly TestDatabase database = new(DatabaseEngine.PostgreSql);
    private readonly TemporaryFolder folder = new();
    private readonly TemporaryFolder other = new();

    [Fact]
    public async Task TwoGatewaysOnOnePostgreSql_BothServe_AndGiveEverythingBackWhenTheyStop()
    {
        await using (var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]))
        await using (var second = await FairleadProcess.ServeAsync(other.Data, args: ["--database", database.AddressText]))
        {
            using var http = new HttpClient();
            foreach (var gateway in new[] { first, second })
            {
                using var ready = await http.GetAsync(new Uri(gateway.Url + "/readyz"));
                Assert.True(ready.IsSuccessStatusCode);
            }

            first.Terminate();
            Assert.Equal(0, await first.EndAsync());
            second.Terminate();
            Assert.Equal(0, await second.EndAsync());
        }

        using var connection = database.Connect();
        Assert.Equal(2, connection.ExecuteScalar<long>("SELECT COUNT(*) FROM nodes WHERE valid_until <= clock_timestamp()"));
        Assert.Equal(0, connection.ExecuteScalar<long>("SELECT COUNT(*) FROM account_leases"));
    }

    [Fact]
    public async Task CopyOfADataFolderBesideTheOriginal_Exits3AndSaysWhyAndTheFirstGoesOn()
    {
        await using var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]);
        Directory.CreateDirectory(other.Data);
        File.Copy(Path.Combine(folder.Data, "node-id"), Path.Combine(other.Data, "node-id"));

        var second = await FairleadProcess.RunAsync("serve", "--data", other.Data, "--database", database.AddressText, "--urls", "http://127.0.0.1:0");

        Assert.Equal(3, second.ExitCode);
        Assert.Contains("delete the file node-id in the copy", second.Error, StringComparison.Ordinal);
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(first.Url + "/readyz"));
        Assert.True(ready.IsSuccessStatusCode);
    }

    [Fact]
    public async Task NodeIsGivenUpWhileItRuns_IsRefused_AndStopsWithExit3WhenItHappensAllTheSame()
    {
        await using var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]);
        var node = (await File.ReadAllTextAsync(Path.Combine(folder.Data, "node-id"))).Trim();

        var refused = await FairleadProcess.RunAsync("ledger", "release-node", node, "--data", other.Data, "--database", database.AddressText);
        Assert.Equal((1, true), (refused.ExitCode, refused.Error.Contains("runs on", StringComparison.Ordinal)));

        using (var connection = database.Connect())
            connection.Execute("DELETE FROM nodes");
        Assert.Equal(3, await first.EndAsync());
        Assert.Contains("this one stops", first.Output + first.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadNodeIsGivenUp_WhatItReservedIsFreeAndItsRequestsAreCancelled()
    {
        const string Node = "deadnode00000001";
        await using (var first = await FairleadProcess.ServeAsync(folder.Data, args: ["--database", database.AddressText]))
        {
            first.Terminate();
            Assert.Equal(0, await first.EndAsync());
        }

        using (var connection = database.Connect())
        {
            connection.Execute(
                $"""
                INSERT INTO nodes VALUES ('{Node}', 'killed', 'elsewhere', 0, 7, clock_timestamp() + INTERVAL '1 second');
                UPDATE ledger_accounts SET reserved = 600000000000 WHERE id = 1;
                INSERT INTO account_leases VALUES (1, '{Node}', 600000000000);
                INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id)
                VALUES (1, 1, 'gen-killed', 1, 1, 500000000000, 'm', 0, '{Node}');
                """);
        }

        var released = await FairleadProcess.RunAsync("ledger", "release-node", Node, "--data", folder.Data, "--database", database.AddressText);
        var unknown = await FairleadProcess.RunAsync("ledger", "release-node", "nosuchnode000001", "--data", folder.Data, "--database", database.AddressText);
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data, "--database", database.AddressText);

        Assert.Equal((0, true), (released.ExitCode, released.Output.Contains("1 requests in flight are recorded as cancelled, 0.6 USD are free", StringComparison.Ordinal)));
        Assert.Equal((1, true), (unknown.ExitCode, unknown.Error.Contains("There is no node", StringComparison.Ordinal)));
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        using var after = database.Connect();
        Assert.Equal(1, after.ExecuteScalar<long>("SELECT cancelled FROM generations WHERE id = 'gen-killed'"));
        Assert.Equal(0, after.ExecuteScalar<long>("SELECT SUM(reserved)::BIGINT FROM ledger_accounts"));
    }

    public void Dispose()
    {
        database.Dispose();
        folder.Dispose();
        other.Dispose();
    }
}
