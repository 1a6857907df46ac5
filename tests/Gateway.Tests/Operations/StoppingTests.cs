using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Simulator;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>SIGTERM with streams open, and death without warning.</summary>
public sealed class StoppingTests
    : IAsyncLifetime, IDisposable
{
    private static readonly Dictionary<string, string> GivenKey = new() { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key() };

    private readonly TemporaryFolder folder = new();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None);

    [Fact]
    public async Task Terminated_StreamInFlightFinishesAndIsCharged_ThenExits0()
    {
        await using var server = await ServeAsync("slow?token_ms=100", "--drain", "30");
        using var client = server.Client(Some.Key());
        using var stream = await OpenAsync(client);
        await stream.ReadLineAsync();

        server.Terminate();
        var rest = await stream.ReadToEndAsync();
        var exitCode = await server.EndAsync();

        Assert.Contains("data: [DONE]", rest, StringComparison.Ordinal);
        Assert.Contains("\"usage\":{", rest, StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);
        Assert.Equal(0, verified.ExitCode);
        Assert.Equal(Cost(rest), await SpentAsync());
    }

    [Fact]
    public async Task Terminated_NewConnectionsAreRefusedWhileAStreamFinishes()
    {
        await using var server = await ServeAsync("slow?token_ms=200", "--drain", "30");
        using var client = server.Client(Some.Key());
        using var stream = await OpenAsync(client);
        await stream.ReadLineAsync();

        server.Terminate();
        using var late = server.Client(Some.Key());
        var refused = false;
        for (var tries = 0; tries < 200 && !refused; tries++)
        {
            try
            {
                using var response = await late.GetAsync("readyz");
                refused = response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable;
            }
            catch (HttpRequestException)
            {
                refused = true;
            }
        }

        Assert.True(refused, "a stopping server must not look ready");
        Assert.Contains("data: [DONE]", await stream.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.EndAsync());
    }

    [Fact]
    public async Task DrainTimeOver_StreamIsCutWithoutAnEndAndTheServerExits0()
    {
        await using var server = await ServeAsync("stuck?stall_after=2", "--drain", "1");
        using var client = server.Client(Some.Key());
        using var stream = await OpenAsync(client);
        await stream.ReadLineAsync();

        server.Terminate();
        var rest = "";
        try
        {
            rest = await stream.ReadToEndAsync();
        }
        catch (Exception e) when (e is HttpIOException or IOException)
        {
            rest = "cut";
        }

        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        Assert.Equal(0, await server.EndAsync());
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);
        Assert.True(verified.ExitCode == 0, verified.Output);
    }

    [Fact]
    public async Task KilledMidStream_BalanceAddsUpAfterRestartAndTheOpenRequestCostsNothing()
    {
        decimal first;
        await using (var server = await ServeAsync("slow?token_ms=50"))
        {
            using var client = server.Client(Some.Key());
            using (var whole = await OpenAsync(client))
                first = Cost(await whole.ReadToEndAsync());
            using var half = await OpenAsync(client);
            await half.ReadLineAsync();
            server.KillHard();
            await server.EndAsync();
        }

        await using var again = await ServeAsync("slow?token_ms=50");
        var verified = await FairleadProcess.RunAsync("ledger", "verify", "--data", folder.Data);

        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.True(first > 0);
        Assert.Equal(first, await SpentAsync());
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose() => folder.Dispose();

    private async Task<FairleadProcess> ServeAsync(string upstreamModel, params string[] args)
    {
        var config = GatewayHostConfig.ThreeProviders
            .Replace("SIMULATOR", simulator.Address.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("\"provider\": \"two\", \"model\": \"sim\"", $"\"provider\": \"two\", \"model\": \"{upstreamModel}\"", StringComparison.Ordinal);
        return await FairleadProcess.ServeAsync(folder.Data, GivenKey, workingFolder: null, ["--config", folder.Write("config.json", config), .. args]);
    }

    private static async Task<StreamReader> OpenAsync(HttpClient client)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "acme/anthropic",
                stream = true,
                messages = new[] { new { role = "user", content = "Repeat after me: one two three four five six seven eight nine ten." } },
            }),
        };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}");
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static decimal Cost(string stream)
    {
        var usage = stream.Split('\n').Last(
            line => line.StartsWith("data: {", StringComparison.Ordinal) && line.Contains("\"usage\":{", StringComparison.Ordinal));
        return (decimal)JsonNode.Parse(usage["data: ".Length..])!["usage"]!["cost"]!;
    }

    // The account began with 100 dollars; the smallest posting shows what is left.
    private async Task<decimal> SpentAsync()
    {
        var shown = await FairleadProcess.RunAsync("credits", "add", "--amount", "1", "--note", "look", "--data", folder.Data);
        var balance = decimal.Parse(shown.Output.Split(" has ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        return 101m - balance;
    }
}
