using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Servers of one's own are asked what models they have (providers P-09); one that does not answer holds nobody up.</summary>
public sealed class ModelDiscoveryTests
{
    private const string Servers = """
        {"providers":[
          {"slug":"lab","name":"Lab","protocol":"openai-chat","base_url":"SIMULATOR/v1","allow_private_network":true},
          {"slug":"cave","name":"Cave","protocol":"ollama","base_url":"SIMULATOR","allow_private_network":true},
          {"slug":"silent","protocol":"openai-chat","base_url":"http://127.0.0.1:9/v1","allow_private_network":true}]}
        """;

    [Fact]
    public async Task ModelsOfServers_AreOfferedFree_AndAreThereAfterAReload()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Servers, Simulator = new() { RecordRequests = 100, RequireKey = false } });
        var models = await UntilAsync(host, "lab/sim-chat", "lab/sim-reasoner", "cave/sim-chat", "cave/sim-reasoner-8b");

        var chat = models["lab/sim-chat"];
        Assert.Equal((32_768, "0", "0"), ((int)chat["context_length"]!, (string)chat["pricing"]!["prompt"]!, (string)chat["pricing"]!["completion"]!));
        Assert.Contains("image", chat["architecture"]!["input_modalities"]!.AsArray().Select(one => (string?)one));
        var thinker = models["cave/sim-reasoner-8b"];
        Assert.Equal(65_536, (int)thinker["context_length"]!);
        Assert.Contains("reasoning", Parameters(thinker));
        Assert.DoesNotContain("reasoning", Parameters(models["cave/sim-chat"]));
        Assert.Contains("tools", Parameters(models["cave/sim-chat"]));
        Assert.DoesNotContain("cave/sim-embed", models.Keys);

        foreach (var model in (string[])["lab/sim-chat", "cave/sim-chat"])
        {
            var reply = await host.ChatAsync(ChatClient.Body("Repeat after me: hello", model: model));
            Assert.True(reply.Status == 200, reply.Text);
            Assert.Equal(0m, reply.Cost);
        }

        using var vectors = await host.Client.PostAsJsonAsync("api/v1/embeddings", new { model = "cave/sim-embed", input = "x" });
        Assert.True(vectors.IsSuccessStatusCode, await vectors.Content.ReadAsStringAsync());
        Assert.All(host.Simulator!.Requests, request => Assert.False(request.Headers.ContainsKey("Authorization"), request.Path));

        // Another file: what it names is its own, the rest is asked for where it says so, and a server that is not in it has nothing any more.
        await host.WriteConfigAsync("""
            {"providers":[{"slug":"lab","name":"Lab","protocol":"openai-chat","base_url":"SIMULATOR/v1","allow_private_network":true,"discover_models":true}],
             "models":[{"id":"lab/sim-chat","context_length":1000,"endpoints":[{"provider":"lab","model":"sim-chat","pricing":{"prompt":"0.000001","completion":"0"}}]},
                       {"id":"home/asked","endpoints":[{"provider":"lab","model":"sim-chat","pricing":{"prompt":"0","completion":"0"}}]},
                       {"id":"home/unknown","endpoints":[{"provider":"lab","model":"elsewhere","pricing":{"prompt":"0","completion":"0"}}]}]}
            """);
        await Poll.UntilAsync(async () => !(await ModelsAsync(host)).ContainsKey("cave/sim-chat"), "the server to be forgotten");
        models = await UntilAsync(host, "lab/sim-chat", "lab/sim-reasoner");
        Assert.Equal(1000, (int)models["lab/sim-chat"]["context_length"]!);
        // A length that is left out is what the server said, or the usual one.
        Assert.Equal((32_768, 8192), ((int)models["home/asked"]["context_length"]!, (int)models["home/unknown"]["context_length"]!));
    }

    [Fact]
    public async Task ProviderWhoseModelsAreConfigured_IsNotAsked()
    {
        await using var host = await GatewayHost.StartAsync();
        Assert.Equal(200, (await host.ChatAsync(ChatClient.Body(model: "acme/openai"))).Status);
        Assert.DoesNotContain(host.Simulator!.Requests, request => request.Method == "GET");
    }

    private static IEnumerable<string?> Parameters(JsonNode model) => model["supported_parameters"]!.AsArray().Select(one => (string?)one);

    private static async Task<Dictionary<string, JsonNode>> UntilAsync(GatewayHost host, params string[] ids)
    {
        var models = new Dictionary<string, JsonNode>();
        await Poll.UntilAsync(async () => ids.All((models = await ModelsAsync(host)).ContainsKey), string.Join(", ", ids));
        return models;
    }

    private static async Task<Dictionary<string, JsonNode>> ModelsAsync(GatewayHost host) =>
        (await host.Client.GetFromJsonAsync<JsonObject>("api/v1/models"))!["data"]!.AsArray().ToDictionary(model => (string)model!["id"]!, model => model!);
}
