using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Providers nobody configured: the demo, and an Ollama server on this machine.</summary>
public sealed class LocalUpstreamTests
{
    private static readonly Dictionary<string, string> GivenKey = new() { ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key() };

    [Theory]
    [InlineData("auto", null, true)]
    [InlineData("on", "OPENAI_API_KEY", true)]
    [InlineData("auto", "OPENAI_API_KEY", false)]
    [InlineData("off", null, false)]
    public async Task Demo_IsOfferedWhereAskedForOrNothingElseCouldAnswer(string mode, string? keyVariable, bool offered)
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>(GivenKey) { ["FAIRLEAD_DEMO"] = mode };
        if (keyVariable is not null)
            environment[keyVariable] = "sk-not-a-real-key";
        await using var server = await FairleadProcess.ServeAsync(folder.Data, environment);

        var models = await ModelsAsync(server);

        Assert.Equal(offered, models.Contains("demo/chat"));
        Assert.Equal(offered, models.Contains("demo/chat:free"));
        Assert.Equal(offered, models.Contains("demo/reasoner"));
        Assert.Equal(keyVariable is not null, models.Any(model => model!.StartsWith("openai/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Demo_IsNotOfferedBesideAConfiguredProvider()
    {
        using var folder = new TemporaryFolder();
        var config = folder.Write("config.json", GatewayHostConfig.ThreeProviders.Replace("SIMULATOR", "http://127.0.0.1:9", StringComparison.Ordinal));
        await using var server = await FairleadProcess.ServeAsync(folder.Data, GivenKey, workingFolder: null, "--config", config);

        Assert.DoesNotContain("demo/chat", await ModelsAsync(server));
    }

    [Fact]
    public async Task OllamaThatAnswers_IsAProviderWithItsModels()
    {
        using var folder = new TemporaryFolder();
        await using var ollama = await OllamaAsync();
        await using var server = await ServeBesideAsync(ollama, folder);
        using var client = server.Client(Some.Key());

        // What the server says of a model may be asked for again once the program serves, so it is waited for.
        JsonArray models = [];
        JsonNode found = null!;
        await Poll.UntilAsync(
            async () =>
            {
                models = (await client.GetFromJsonAsync<JsonObject>("api/v1/models"))!["data"]!.AsArray();
                found = models.Single(model => ((string?)model!["id"])!.StartsWith("ollama/llama3.2", StringComparison.Ordinal))!;
                return (int)found["context_length"]! == 131072;
            },
            "the context length that the server says");
        using var response = await client.PostAsJsonAsync(
            "api/v1/chat/completions", new { model = (string?)found["id"], messages = new[] { new { role = "user", content = "Hello." } } });
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();

        Assert.DoesNotContain(models, model => (string?)model!["id"] == "demo/chat");
        Assert.Equal("It is me, llama3.2:3b, with 131072 tokens.", (string?)answer!["choices"]![0]!["message"]!["content"]);
        Assert.Equal(0m, (decimal)answer["usage"]!["cost"]!);
    }

    [Fact]
    public async Task SomethingElseAtTheOllamaAddress_IsNotTakenForOllama()
    {
        using var folder = new TemporaryFolder();
        var builder = WebApplication.CreateSlimBuilder();
        await using var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        web.MapFallback(() => Results.Text("<html>not json</html>", "text/html"));
        await web.StartAsync();
        await using var server = await FairleadProcess.ServeAsync(folder.Data, new Dictionary<string, string>(GivenKey) { ["OLLAMA_HOST"] = web.Urls.First() });

        Assert.Contains("demo/chat", await ModelsAsync(server));
    }

    /// <summary>
    /// The program looks for Ollama when it starts, for a second. A machine that runs all tests at once may keep both sides from that second, so the program
    /// is started again then.
    /// </summary>
    private static async Task<FairleadProcess> ServeBesideAsync(WebApplication ollama, TemporaryFolder folder)
    {
        for (var start = 1; ; start++)
        {
            var server = await FairleadProcess.ServeAsync(folder.Data, new Dictionary<string, string>(GivenKey) { ["OLLAMA_HOST"] = ollama.Urls.First() });
            if (start == 5 || (await ModelsAsync(server)).Any(model => model!.StartsWith("ollama/", StringComparison.Ordinal)))
                return server;
            await server.DisposeAsync();
        }
    }

    private static async Task<WebApplication> OllamaAsync()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/api/tags", () => Results.Text("""{"models":[{"name":"llama3.2:3b","model":"llama3.2:3b","size":1}]}""", "application/json"));
        app.MapPost("/api/show", () => Results.Text("""{"capabilities":["completion","tools"],"model_info":{"general.architecture":"llama","llama.context_length":131072}}""", "application/json"));
        app.MapPost("/api/chat", async (HttpRequest request) =>
        {
            var asked = (await request.ReadFromJsonAsync<JsonObject>())!;
            return Results.Text(
                $$$"""
                {"model":"x","created_at":"2026-08-20T10:00:00Z","message":{"role":"assistant","content":"It is me, {{{asked["model"]}}}, with {{{asked["options"]!["num_ctx"]}}} tokens."},
                "done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":7}
                """,
                "application/json");
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<IReadOnlyList<string?>> ModelsAsync(FairleadProcess server)
    {
        using var client = server.Client(Some.Key());
        return [.. (await client.GetFromJsonAsync<JsonObject>("api/v1/models"))!["data"]!.AsArray().Select(model => (string?)model!["id"])];
    }
}
