using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Simulator;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Configuration files change while the server runs.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private static readonly Dictionary<string, string> GivenKey = new() { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key() };

    private readonly TemporaryFolder folder = new();
    private SimulatorServer simulator = null!;

    public async Task InitializeAsync() => simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None);

    [Fact]
    public async Task NewModelInTheFile_IsServedWithoutARestart()
    {
        await using var server = await ServeAsync(Config());
        using var client = server.Client(Some.Key());
        Assert.DoesNotContain("acme/later", await ModelsAsync(client));

        folder.Write("config.json", Config().Replace("acme/openai", "acme/later", StringComparison.Ordinal));
        await server.PrintedAsync(() => server.Error.Contains("reloaded", StringComparison.Ordinal));

        var models = await ModelsAsync(client);
        Assert.Contains("acme/later", models);
        Assert.DoesNotContain("acme/openai", models);
    }

    [Fact]
    public async Task MistakeInTheFile_IsRefusedWholeWithFileLineAndReason_AndServingGoesOn()
    {
        await using var server = await ServeAsync(Config());
        using var client = server.Client(Some.Key());
        var broken = Config().Replace("acme/openai", "acme/later", StringComparison.Ordinal).Replace("\"0.000015\"", "\"cheap\"", StringComparison.Ordinal);
        var line = broken[..broken.IndexOf("\"cheap\"", StringComparison.Ordinal)].Count(c => c == '\n') + 1;

        folder.Write("config.json", broken);
        await server.PrintedAsync(() => server.Error.Contains("the running one stays", StringComparison.Ordinal));

        Assert.Contains($"config.json:{line}:", server.Error, StringComparison.Ordinal);
        Assert.Contains("pricing.completion", server.Error, StringComparison.Ordinal);
        var models = await ModelsAsync(client);
        Assert.Contains("acme/openai", models); // Nothing of the refused file is in force.
        Assert.DoesNotContain("acme/later", models);
        using var answer = await client.PostAsJsonAsync(
            "api/v1/chat/completions", new { model = "acme/anthropic", messages = new[] { new { role = "user", content = "Hello." } } });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task StreamThatRunsDuringAReload_IsNotDisturbed()
    {
        await using var server = await ServeAsync(
            Config().Replace("\"provider\": \"two\", \"model\": \"sim\"", "\"provider\": \"two\", \"model\": \"slow?token_ms=100\"", StringComparison.Ordinal));
        using var client = server.Client(Some.Key());
        using var response = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "api/v1/chat/completions")
            {
                Content = JsonContent.Create(new
                {
                    model = "acme/anthropic",
                    stream = true,
                    messages = new[] { new { role = "user", content = "Repeat after me: one two three four five six seven." } },
                }),
            },
            HttpCompletionOption.ResponseHeadersRead);
        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync());
        await stream.ReadLineAsync();

        folder.Write("config.json", """{ "providers": [], "models": [] }""");
        await server.PrintedAsync(() => server.Error.Contains("reloaded", StringComparison.Ordinal));

        Assert.Contains("data: [DONE]", await stream.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("acme/anthropic", await ModelsAsync(client));
    }

    [Fact]
    public async Task MistakeAtTheStart_Exits1AndLeavesNoServer()
    {
        var file = folder.Write("config.json", "{\n  \"providers\": [ { \"slug\": \"Not Good\", \"protocol\": \"openai-chat\" } ]\n}");

        var result = await FairleadProcess.RunAsync("serve", "--data", folder.Data, "--urls", "http://127.0.0.1:0", "--config", file);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("config.json:2:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LaterFile_Wins()
    {
        var second = folder.Write("second.json", Config().Replace("Acme: OpenAI", "Renamed", StringComparison.Ordinal));
        await using var server = await ServeAsync(Config(), "--config", second);
        using var client = server.Client(Some.Key());

        var models = (await client.GetFromJsonAsync<JsonObject>("api/v1/models"))!["data"]!.AsArray();

        Assert.Equal("Renamed", (string?)models.Single(model => (string?)model!["id"] == "acme/openai")!["name"]);
    }

    public async Task DisposeAsync() => await simulator.DisposeAsync();

    public void Dispose() => folder.Dispose();

    private string Config() => GatewayHostConfig.ThreeProviders.Replace("SIMULATOR", simulator.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);

    private Task<FairleadProcess> ServeAsync(string config, params string[] args) =>
        FairleadProcess.ServeAsync(folder.Data, GivenKey, workingFolder: null, ["--config", folder.Write("config.json", config), .. args]);

    private static async Task<IReadOnlyList<string?>> ModelsAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonObject>("api/v1/models"))!["data"]!.AsArray().Select(model => (string?)model!["id"])];
}
