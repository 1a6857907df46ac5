using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Contract;

public sealed class ShippedCatalogTests
{
    [Fact]
    public async Task EveryModelAndEndpointThatIsShipped_CarriesWhatTheContractRequires()
    {
        await using var gateway = await GatewayHost.StartAsync(new() { Config = """{ "catalog": { "list": "all" } }""", Simulator = null });
        var models = await GetAsync(gateway, "models?output_modalities=all");
        Fits(models, PublishedContract.Answer("get", "/models"));
        Fits(await GetAsync(gateway, "providers"), PublishedContract.Answer("get", "/providers"));
        Fits(await GetAsync(gateway, "endpoints/zdr"), PublishedContract.Answer("get", "/endpoints/zdr"));
        Assert.True(models["data"]!.AsArray().Count > 400);

        var schema = PublishedContract.Answer("get", "/models/{author}/{slug}/endpoints");
        foreach (var model in models["data"]!.AsArray())
        {
            var byId = await GetAsync(gateway, $"models/{model!["id"]}/endpoints");
            var byLink = await GetAsync(gateway, ((string)model["links"]!["details"]!)["/api/v1/".Length..]);
            Fits(byId, schema);
            Assert.Equal((string)byId["data"]!["id"]!, (string)byLink["data"]!["id"]!);
        }
    }

    [Fact]
    public async Task NoProviderHasAKey_NothingIsListed()
    {
        await using var gateway = await GatewayHost.StartAsync(new() { Config = "{}", Simulator = null });
        Assert.Empty((await GetAsync(gateway, "models"))["data"]!.AsArray());
        Assert.Equal(0, (int)(await GetAsync(gateway, "models/count"))["data"]!["count"]!);
    }

    [Fact]
    public async Task ProviderKeyInTheEnvironment_ItsModelsAreListed()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["ANTHROPIC_API_KEY"] = "sk-test" };
        await using var gateway = await GatewayHost.StartAsync(new() { Config = "{}", Simulator = null, Environment = environment });
        var ids = (await GetAsync(gateway, "models"))["data"]!.AsArray().Select(model => (string)model!["id"]!).ToList();
        Assert.NotEmpty(ids);
        Assert.All(ids, id => Assert.True(id.Contains("anthropic/", StringComparison.Ordinal) || id is "openrouter/auto" or "openrouter/bodybuilder", id));
    }

    private static void Fits(JsonNode value, JsonObject schema)
    {
        var faults = SchemaCheck.Faults(value, schema);
        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
    }

    private static async Task<JsonNode> GetAsync(GatewayHost gateway, string address) => JsonNode.Parse(await gateway.Anonymous.GetStringAsync($"api/v1/{address}"))!;
}
