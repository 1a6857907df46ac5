using System.Text.Json.Nodes;
using Dapper;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>The database refuses or is gone while callers wait: they hear of it, nothing is charged that was not answered, and it works again afterwards.</summary>
public sealed class DatabaseFaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DiskIsFull_TheEndIsWithheldAndNothingCharged_UntilThereIsSpace(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=10") });
        var paid = 0m;
        SetMostPages(host, 1);
        var tries = 0;
        ChatReply reply;
        // What is left of pages already in the file is used up first.
        while (IsWhole(reply = await host.ChatAsync(ChatClient.Body(stream: stream)), stream, ref paid) && tries < 500)
            tries++;

        AssertWithheld(reply, stream);
        Assert.Equal(paid, await host.SpentAsync());
        AssertVerified(host);
        SetMostPages(host, 1_000_000);
        Assert.True(IsWhole(await host.ChatAsync(ChatClient.Body(stream: stream)), stream, ref paid));
        Assert.Equal(paid, await host.SpentAsync());
        AssertVerified(host);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnotherProgramKeepsTheDatabaseLocked_TheEndIsWithheldAndNothingCharged_UntilItLetsGo(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Of("sim?tokens=10"),
            Configure = static services => services.Configure<DatabaseOptions>(static options => options.BusyTimeoutSeconds = 1),
        });
        var paid = 0m;
        Assert.True(IsWhole(await host.ChatAsync(ChatClient.Body(stream: stream)), stream, ref paid));
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(host.DataFolder, "fairlead.db")};Pooling=False"))
        {
            await other.OpenAsync();
            await other.ExecuteAsync("BEGIN IMMEDIATE");

            AssertWithheld(await host.ChatAsync(ChatClient.Body(stream: stream)), stream);

            await other.ExecuteAsync("ROLLBACK");
        }

        Assert.True(IsWhole(await host.ChatAsync(ChatClient.Body(stream: stream)), stream, ref paid));
        Assert.Equal(paid, await host.SpentAsync());
        AssertVerified(host);
    }

    [Fact]
    public async Task APageOfTheFileIsDamaged_TheServerDoesNotStartAndSaysWhichCheckFailedAndHowToRestore()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await FairleadProcess.ServeAsync(folder.Data))
        {
            first.Terminate();
            await first.EndAsync();
        }

        var path = Path.Combine(folder.Data, "fairlead.db");
        byte[] damaged;
        using (var file = File.Open(path, FileMode.Open))
        {
            file.Position = 2 * 4096;
            file.Write(Enumerable.Repeat((byte)0xAB, 4 * 4096).ToArray());
        }

        damaged = await File.ReadAllBytesAsync(path);
        var result = await FairleadProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--data", folder.Data);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("is damaged (PRAGMA quick_check", result.Error, StringComparison.Ordinal);
        Assert.Contains("Restore the newest backup", result.Error, StringComparison.Ordinal);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(path));
    }

    /// <summary>An answer that came to its end, whose cost is added; false for any other.</summary>
    private static bool IsWhole(ChatReply reply, bool stream, ref decimal paid)
    {
        if (reply.Status != 200 || (stream && reply.Text.Contains("\"error\":{", StringComparison.Ordinal)))
            return false;
        var usage = stream
            ? reply.Text.Split('\n').Where(static line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(static line => JsonNode.Parse(line[6..])!["usage"]).Last(static node => node is not null)!
            : reply.Json["usage"]!;
        paid += (decimal)usage["cost"]!;
        return true;
    }

    private static void AssertWithheld(ChatReply reply, bool stream)
    {
        Assert.Contains("\"error\":{\"code\":503", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"cost\":", reply.Text, StringComparison.Ordinal);
        Assert.True(stream ? reply.Status == 200 : reply.Status == 503, $"{reply.Status} {reply.Text}");
        Assert.Contains("database", reply.Text, StringComparison.Ordinal);
        Assert.Contains("nothing was charged", reply.Text, StringComparison.Ordinal);
    }

    private static void AssertVerified(GatewayHost host)
    {
        var report = new StringWriter();
        Assert.True(host.Services.GetRequiredService<LedgerVerifier>().Verify(report), report.ToString());
    }

    private static void SetMostPages(GatewayHost host, int pages)
    {
        using var lease = host.Services.GetRequiredService<Database>().Lease();
        // Below what is used, SQLite takes what is used.
        lease.Connection.ExecuteScalar<long>($"PRAGMA max_page_count = {pages}");
    }
}
