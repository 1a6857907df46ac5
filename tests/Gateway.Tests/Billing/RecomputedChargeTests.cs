using Fairlead.Gateway.Tests.Operations;
using Fairlead.Ledger.Verification;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using static Fairlead.Gateway.Tests.Inference.ChatClient;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>What requests of every dialect were charged is computed again by <c>ledger verify</c>, and an altered charge is named.</summary>
public sealed class RecomputedChargeTests
{
    [Fact]
    public async Task ChargesOfEveryDialect_AreRecomputed_AndAnAlteredOneIsNamedByTheCommand()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Data);
        await using (var gateway = await GatewayHost.StartAsync(new() { DataFolder = folder.Data }))
        {
            foreach (var model in (string[])["acme/openai", "acme/anthropic", "acme/gemini", "acme/fallback"])
            {
                foreach (var stream in (bool[])[true, false])
                {
                    using var answer = await gateway.Client.SendAsync(Request(Body("Say hello.", stream, model)));
                    await answer.Content.ReadAsStringAsync();
                    Assert.True(answer.IsSuccessStatusCode, $"{model}: {answer.StatusCode}");
                }
            }

            var check = gateway.Services.GetRequiredService<LedgerVerifier>().Run().Single(static check => check.Name is "cost");
            Assert.True(check.Holds, $"{check}");
            Assert.Equal(8, check.Looked);
        }

        var altered = Alter(Path.Combine(folder.Data, "fairlead.db"));
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);

        Assert.Equal(1, verified.ExitCode);
        Assert.Contains($"BROKEN  cost every charge is its stored usage at its stored prices: {altered} has a list price of", verified.Output, StringComparison.Ordinal);
    }

    private static string Alter(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE generations SET native_tokens_completion = native_tokens_completion + 1 WHERE seq = 3 RETURNING id";
        return (string)command.ExecuteScalar()!;
    }
}
