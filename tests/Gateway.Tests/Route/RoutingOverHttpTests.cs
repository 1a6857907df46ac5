using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>What a caller sees of routing: who answered, and why nobody could. Over sockets, with account settings.</summary>
public sealed class RoutingOverHttpTests : IAsyncLifetime
{
    private GatewayHost host = null!;

    public async Task InitializeAsync() => host = await GatewayHost.StartAsync(new()
    {
        Config = WithLimits(UpstreamConfig.Models(
            new() { TwoPerMinute = [6, 8] }, (UpstreamConfig.Model, ["sim", "sim", "sim"]), ("acme/n", ["sim"]), ("acme/m:free", ["sim"]), ("acme/r", ["sim", "sim"]), ("acme/s", ["sim"]))),
    });

    /// <summary>The provider of acme/n trains; that of acme/s keeps prompts and trains on none, and its endpoint reads 50 tokens.</summary>
    private static string WithLimits(string config)
    {
        var root = JsonNode.Parse(config)!;
        root["providers"]![3]!["data_policy"] = new JsonObject { ["training"] = true, ["retains_prompts"] = true };
        root["providers"]!.AsArray()[^1]!["data_policy"] = new JsonObject { ["training"] = false, ["retains_prompts"] = true };
        root["models"]!.AsArray()[^1]!["endpoints"]![0]!["max_prompt_tokens"] = 50;
        return root.ToJsonString();
    }

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    private static JsonObject Ask(string model = UpstreamConfig.Model, string? provider = null, params string[] models)
    {
        var body = ChatClient.Body(model: model);
        body["provider"] = provider is null ? null : JsonNode.Parse(provider);
        if (models.Length > 0)
            body["models"] = new JsonArray([.. models.Select(one => (JsonNode)one)]);
        return body;
    }

    private async Task<JsonNode> ErrorAsync(JsonObject body, int status)
    {
        var reply = await host.ChatAsync(body);
        Assert.Equal((status, reply.Text), (reply.Status, reply.Text));
        return reply.Json["error"]!;
    }

    private async Task SettingsAsync(string json)
    {
        using var manager = host.NewClient(host.ProvisioningKey);
        using var answer = await manager.PatchAsync("api/v1/account/settings", new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"order":["p3"]}""", "P3")]
    [InlineData("""{"only":["p2"]}""", "P2")]
    [InlineData("""{"ignore":["p1","p3"]}""", "P2")]
    [InlineData("""{"sort":{"by":"price","partition":"none"}}""", "P1")]
    [InlineData("""{"order":["nobody","p2"],"allow_fallbacks":false}""", "P2")]
    public async Task Preferences_DecideWhoAnswers(string provider, string expected) =>
        Assert.Equal(expected, ((string?)(await host.ChatAsync(Ask(provider: provider))).Json["provider"])?.ToUpperInvariant());

    [Fact]
    public async Task AnEndpointOverItsRate_IsPassedBy_AndAskedWhereNothingElseIsLeft()
    {
        var served = new List<string?>();
        for (var i = 0; i < 4; i++)
            served.Add((string?)(await host.ChatAsync(Ask("acme/r", """{"sort":"price"}"""))).Json["provider"]);
        Assert.Equal(["P6", "P6", "P7", "P7"], served);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await host.ChatAsync(Ask("acme/s"))).Status);
    }

    [Fact]
    public async Task OnlyThatMatchesNothing_Is404_NamingAskedAndAvailable()
    {
        var error = await ErrorAsync(Ask(provider: """{"only":["nobody","deepinfra"]}"""), 404);
        var metadata = error["metadata"]!;
        Assert.Equal("No allowed providers are available for the selected model.", (string?)error["message"]);
        Assert.Equal("""["p1","p2","p3"]""", metadata["available_providers"]!.ToJsonString());
        Assert.Equal("""["nobody","deepinfra"]""", metadata["requested_providers"]!.ToJsonString());
        Assert.Equal("""["nobody"]""", metadata["unknown_providers"]!.ToJsonString());
    }

    [Fact]
    public async Task NothingLeft_NamesTheFilterThatLeftNothing()
    {
        const string Order = "No provider of \"order\" is available for the selected model, and allow_fallbacks is false.";
        const string Policy = "No endpoints found matching your data policy";
        foreach (var (model, provider, message, step, excludedBy) in new[]
        {
            ("acme/m", """{"order":["zz"],"allow_fallbacks":false}""", Order, "allow_fallbacks", "allowed_providers"),
            ("acme/m", """{"order":["p1"],"only":["p3"],"allow_fallbacks":false}""", Order, "allow_fallbacks", "allowed_providers"),
            ("acme/s", """{"data_collection":"deny"}""", Policy + " (Prompt retention: data_collection is \"deny\").", "data_collection", "data_policy:zdr"),
            ("acme/n", """{"data_collection":"deny"}""", Policy + " (Paid model training).", "data_collection", "data_policy:training"),
        })
        {
            var error = await ErrorAsync(Ask(model, provider), 404);
            Assert.Equal((message, step), ((string?)error["message"], (string?)error["metadata"]!["failed_routing_step"]));
            Assert.Equal(excludedBy, (string?)error["availability"]!["excluded_by"]![0]);
        }

        var body = Ask("acme/s");
        body["messages"]![0]!["content"] = string.Join(' ', Enumerable.Repeat("word", 200));
        Assert.StartsWith("This endpoint reads prompts of at most 50 tokens (max_prompt_tokens).", (string?)(await ErrorAsync(body, 400))["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strategy_IsFallback_WhereAnotherModelThanTheFirstAnswered()
    {
        foreach (var (models, served, strategy) in new[]
        {
            ("acme/m acme/n", "acme/m", "direct"), ("acme/n:free acme/m", "acme/m", "fallback"), ("acme/n:free acme/n", "acme/n", "fallback"),
        })
        {
            var body = Ask(models: models.Split(' '));
            body.Remove("model");
            using var request = ChatClient.Request(body);
            request.Headers.Add("X-OpenRouter-Metadata", "enabled");
            using var response = await host.Client.SendAsync(request);
            var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.Equal((served, strategy), ((string?)json["model"], (string?)json["openrouter_metadata"]!["strategy"]));
        }
    }

    [Fact]
    public async Task NothingLeft_ListsEachFilterAndWhatItDropped()
    {
        var error = await ErrorAsync(Ask(provider: """{"ignore":["p2","nobody"],"quantizations":["int4"]}"""), 404);
        Assert.Equal(
            """[{"step":"ignore","endpoint_count":2,"dropped":["p2"]},{"step":"quantizations","endpoint_count":0,"dropped":["p1","p3"]}]""",
            error["metadata"]!["routing_funnel"]!.ToJsonString());
        Assert.Equal("quantizations", (string?)error["metadata"]!["failed_routing_step"]);
        Assert.Equal("""["quantization"]""", error["availability"]!["excluded_by"]!.ToJsonString());
        Assert.Equal("constraint_filtered", (string?)error["availability"]!["code"]);
    }

    [Theory]
    [InlineData("""{"sort":"speed"}""", "provider.sort")]
    [InlineData("""{"order":"p1"}""", "provider.order")]
    [InlineData("""{"max_price":{"prompt":"cheap"}}""", "provider.max_price.prompt")]
    [InlineData("""{"preferred_min_throughput":{"p50":"fast"}}""", "provider.preferred_min_throughput.p50")]
    [InlineData("""{"zdr":"yes"}""", "provider.zdr")]
    public async Task WrongTypes_Are400_NamingTheMember(string provider, string member) =>
        Assert.Equal(member, (string?)(await ErrorAsync(Ask(provider: provider), 400))["param"]);

    [Theory]
    [InlineData("acme/n:nitro:floor")]
    [InlineData("ACME/N:Exacto")]
    public async Task Variants_AloneAndCombined(string model) => Assert.Equal("acme/n", (string?)(await host.ChatAsync(Ask(model))).Json["model"]);

    [Fact]
    public async Task UnknownVariants_AreTheContractsError_BeforeAnythingIsSent()
    {
        Assert.Equal("acme/n:turbo is not a valid model ID", (string?)(await ErrorAsync(Ask("acme/n:turbo"), 400))["message"]);
        Assert.Equal("models[0]", (string?)(await ErrorAsync(Ask(models: ["acme/m:thinking"]), 400))["param"]);
        Assert.Equal("acme/m:free", (string?)(await host.ChatAsync(Ask("acme/m:nitro:free"))).Json["model"]);

        var ended = await ErrorAsync(Ask("acme/n:free"), 404);
        Assert.Equal("free_variant_ended", (string?)ended["availability"]!["code"]);
        Assert.Equal("acme/m", (string?)(await host.ChatAsync(Ask("acme/n:free", models: ["acme/m"]))).Json["model"]);
        Assert.Equal(400, (await host.ChatAsync(Ask("acme/n:online"))).Status);
    }

    [Fact]
    public async Task Models_EmptyIsAbsent_AndMoreThanAllowedIs400()
    {
        var body = Ask();
        body["models"] = new JsonArray();
        Assert.Equal(200, (await host.ChatAsync(body)).Status);
        Assert.Contains("3 items", (string?)(await ErrorAsync(Ask(models: ["a/1", "a/2", "a/3", "a/4"]), 400))["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccountSettings_MergeWithRequests()
    {
        await SettingsAsync("""{"allowed_providers":["p1","p2"],"ignored_providers":["p1"],"default_model":"acme/m"}""");
        var body = Ask();
        body.Remove("model");
        Assert.Equal("P2", ((string?)(await host.ChatAsync(body)).Json["provider"])?.ToUpperInvariant());
        Assert.Equal(404, (await host.ChatAsync(Ask(provider: """{"only":["p3"]}"""))).Status);

        await SettingsAsync("""{"allowed_providers":[],"ignored_providers":[],"default_provider_sort":"price"}""");
        for (var i = 0; i < 8; i++)
            Assert.Equal("P1", ((string?)(await host.ChatAsync(Ask())).Json["provider"])?.ToUpperInvariant());

        await SettingsAsync("""{"plugins":[{"id":"fusion"}]}""");
        Assert.Contains("account's settings", (string?)(await ErrorAsync(Ask(), 400))["message"], StringComparison.Ordinal);
        var off = Ask();
        off["plugins"] = JsonNode.Parse("""[{"id":"fusion","enabled":false}]""");
        Assert.Equal(200, (await host.ChatAsync(off)).Status);
        await SettingsAsync("""{"plugins":[{"id":"fusion","prevent_overrides":true}]}""");
        Assert.Equal(400, (await host.ChatAsync(off)).Status);
    }
}
