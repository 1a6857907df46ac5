using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Service tiers (routing §15) over sockets: who serves, what the provider is asked for, what it costs, what the answer says.</summary>
public sealed class ServiceTierTests(ServiceTierTests.Host fixture) : IClassFixture<ServiceTierTests.Host>
{
    private readonly GatewayHost host = fixture.Gateway;

    public sealed class Host : IAsyncLifetime
    {
        internal GatewayHost Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new()
        {
            Config = $$"""
                {
                  "providers": [
                    { "slug": "one", "name": "One", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "key", "allow_private_network": true },
                    { "slug": "two", "name": "Two", "protocol": "gemini", "base_url": "SIMULATOR/v1beta", "api_key": "key", "allow_private_network": true }
                  ],
                  "models": [
                    { "id": "acme/m", "name": "M", "context_length": 100000, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
                      "endpoints": [ {{Endpoint("one", "one", "0.02")}}, {{Endpoint("one", "one/priority", "0.03")}}, {{Endpoint("one", "one/flex", "0.01")}} ] },
                    { "id": "acme/g", "name": "G", "context_length": 100000, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "Gemini" },
                      "endpoints": [ {{Endpoint("two", "two", "0.02")}} ] },
                    { "id": "acme/down", "name": "D", "context_length": 100000, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
                      "endpoints": [ {{Endpoint("one", "one", "0.02")}}, {{Endpoint("one", "one/priority", "0.03", "sim?default_tier=1")}}, {{Endpoint("one", "one/flex", "0.01", "sim?default_tier=1")}} ] },
                    { "id": "acme/lone", "name": "L", "context_length": 100000, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
                      "endpoints": [ {{Endpoint("one", "one/priority", "0.03", "sim?default_tier=1")}} ] }
                  ]
                }
                """,
        });

        public Task DisposeAsync() => Gateway.DisposeAsync().AsTask();
    }

    [Theory]
    [InlineData("""{"model":"acme/m"}""", 0.02, null)]
    [InlineData("""{"model":"acme/m","service_tier":"default"}""", 0.02, "default")]
    [InlineData("""{"model":"acme/m","service_tier":"auto"}""", 0.02, null)]
    [InlineData("""{"model":"acme/m","service_tier":"priority"}""", 0.03, "priority")]
    [InlineData("""{"model":"acme/m","service_tier":"fast"}""", 0.03, "priority")]
    [InlineData("""{"model":"acme/m","service_tier":"flex"}""", 0.01, "flex")]
    [InlineData("""{"model":"acme/m","provider":{"only":["one/priority"]}}""", 0.03, "priority")]
    [InlineData("""{"model":"acme/m:floor"}""", 0.01, "flex")]
    [InlineData("""{"model":"acme/m:floor","service_tier":"default"}""", 0.02, "default")]
    [InlineData("""{"model":"acme/m:floor","provider":{"order":["one"]}}""", 0.02, null)]
    [InlineData("""{"model":"acme/m:floor","provider":{"sort":"latency"}}""", 0.02, null)]
    [InlineData("""{"model":"acme/g","service_tier":"priority"}""", 0.02, null)]
    public async Task Tier_DecidesWhoServes_WhatIsAskedFor_AndThePrice(string request, double cost, string? sent)
    {
        var body = JsonNode.Parse(request)!.AsObject();
        body["messages"] = JsonNode.Parse("""[{"role":"user","content":"Repeat after me: hello"}]""");
        var reply = await host.ChatAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal((decimal)cost, reply.Cost);
        Assert.Equal(sent is "default" ? null : sent, (string?)(await host.GenerationAsync(reply.GenerationId))["service_tier"]);
        var upstream = JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!;
        Assert.Null(upstream["serviceTier"]);
        // Only OpenAI itself is told of tiers that cost the same.
        Assert.Equal(sent is "default" ? null : sent, (string?)upstream["service_tier"]);
    }

    [Theory]
    [InlineData("messages", """{"model":"acme/m","max_tokens":50,"speed":"fast","messages":[{"role":"user","content":"Repeat after me: hello"}]}""", "priority")]
    [InlineData("messages", """{"model":"acme/m","max_tokens":50,"messages":[{"role":"user","content":"Repeat after me: hello"}]}""", "standard")]
    [InlineData("responses", """{"model":"acme/m","service_tier":"flex","input":"Repeat after me: hello"}""", "flex")]
    [InlineData("responses", """{"model":"acme/g","service_tier":"priority","input":"Repeat after me: hello"}""", "default")]
    public async Task Answer_NamesTheTierThatServed(string route, string body, string tier)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("api/v1/" + route, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        var json = JsonNode.Parse(text)!;
        Assert.Equal(tier, (string?)(route == "messages" ? json["usage"]!["service_tier"] : json["service_tier"]));
    }

    [Theory]
    [InlineData("acme/m", "priority", false, "priority", 0.03)]
    [InlineData("acme/m", "priority", true, "priority", 0.03)]
    [InlineData("acme/down", "priority", false, "default", 0.02)]
    [InlineData("acme/down", "priority", true, "default", 0.02)]
    [InlineData("acme/down", "flex", false, "default", 0.02)]
    [InlineData("acme/lone", "priority", false, "default", 0.03)]
    public async Task ChatAnswer_NamesTheTierThatServed_WhosePriceIsCharged(string model, string asked, bool stream, string tier, double cost)
    {
        var reply = await host.ChatAsync(Chat(model, asked, stream));
        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal((decimal)cost, reply.Cost);
        var said = stream
            ? reply.Text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => (string?)JsonNode.Parse(line[6..])!["service_tier"]).Where(one => one is not null).Distinct()
            : [(string?)JsonNode.Parse(reply.Text)!["service_tier"]];
        Assert.Equal([tier], said);
        Assert.Equal(tier == "default" ? null : tier, (string?)(await host.GenerationAsync(reply.GenerationId))["service_tier"]);
    }

    [Theory]
    [InlineData("messages", "standard")]
    [InlineData("responses", "default")]
    public async Task AnswersOfOtherForms_NameTheDefaultTier_WhereItServedInstead(string route, string tier)
    {
        using var content = new StringContent(
            route == "messages"
                ? """{"model":"acme/down","max_tokens":50,"speed":"fast","messages":[{"role":"user","content":"Repeat after me: hello"}]}"""
                : """{"model":"acme/down","service_tier":"priority","input":"Repeat after me: hello"}""",
            Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("api/v1/" + route, content);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(tier, (string?)(route == "messages" ? json["usage"]!["service_tier"] : json["service_tier"]));
        Assert.Equal(0.02m, (decimal)json["usage"]!["cost"]!);
    }

    private static JsonObject Chat(string model, string tier, bool stream) => new()
    {
        ["model"] = model, ["service_tier"] = tier, ["stream"] = stream,
        ["messages"] = JsonNode.Parse("""[{"role":"user","content":"Repeat after me: hello"}]"""),
    };

    private static string Endpoint(string provider, string tag, string price, string model = "sim") =>
        $$"""
        { "provider": "{{provider}}", "tag": "{{tag}}", "model": "{{model}}", "context_length": 100000, "max_completion_tokens": 8000,
          "pricing": { "prompt": "0", "completion": "0", "request": "{{price}}" }, "supported_parameters": ["max_tokens"] }
        """;
}
