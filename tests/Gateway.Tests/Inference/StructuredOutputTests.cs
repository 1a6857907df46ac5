using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Plugins;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>JSON Schemas over real sockets: what providers are sent of them, what callers are told of that, and whether a strict answer fits.</summary>
public sealed class StructuredOutputTests
{
    private const string Schema = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
        "n":{"type":"integer","minimum":5},"who":{"oneOf":[{"$ref":"#/$defs/Name"},{"type":"null"}]},"pair":{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"maxItems":1},
        "kind":{"const":"x"}},"required":["n","who","kind"],"additionalProperties":false,"$defs":{"Name":{"type":"string","pattern":"^[a-z ]+$"}}}
        """;

    private static JsonObject Ask(string schema = Schema, bool stream = false)
    {
        var body = ChatClient.Body("say \"ada\"", stream);
        body["response_format"] = new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = new JsonObject { ["name"] = "n", ["strict"] = true, ["schema"] = JsonNode.Parse(schema) },
        };
        return body;
    }

    private static async Task<ChatReply> WithMetadataAsync(GatewayHost host, JsonObject body)
    {
        using var request = ChatClient.Request(body);
        request.Headers.Add("X-OpenRouter-Metadata", "enabled");
        using var response = await host.Client.SendAsync(request);
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    private static JsonNode? Stage(ChatReply reply)
    {
        var metadata = reply.ContentType == "text/event-stream" ? reply.Events.Select(e => e["openrouter_metadata"]).Last(one => one is not null)! : reply.Json["openrouter_metadata"]!;
        return metadata["pipeline"]?.AsArray().SingleOrDefault(stage => (string?)stage!["name"] == "json-schema");
    }

    private static IEnumerable<string> Changes(JsonNode stage) =>
        stage["data"]!["changes"]!.AsArray().Select(one => $"{(string?)one!["schema"]} {(string?)one["path"]} {(string?)one["keyword"]} {(string?)one["change"]}");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anthropic_EnforcesWhatItCan_AndTheCallerIsToldTheRest(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "anthropic-messages" }, "claude-sonnet-4-5") });

        var reply = await WithMetadataAsync(host, Ask(stream: stream));

        Assert.Equal(200, reply.Status);
        var sent = JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["output_config"]!["format"]!["schema"]!;
        Assert.Equal("(minimum: 5)", (string?)sent["properties"]!["n"]!["description"]);
        Assert.Equal("#/$defs/Name", (string?)sent["properties"]!["who"]!["anyOf"]![0]!["$ref"]);
        Assert.False((bool?)sent["additionalProperties"]);
        var stage = Stage(reply)!;
        Assert.Equal(
            ["response_format #/properties/n minimum described", "response_format #/properties/who oneOf widened", "response_format #/properties/pair maxItems described",
                "response_format #/properties/pair prefixItems widened", "response_format #/$defs/Name pattern described"],
            Changes(stage));
        // The simulator knows what it was sent, and no more: it counts from 1.
        Assert.False((bool?)stage["data"]!["valid"]);
        Assert.Equal("$.n must be at least 5", (string?)stage["data"]!["fault"]);
        Assert.Equal(1, (int?)JsonNode.Parse(reply.Content)!["n"]);
    }

    [Fact]
    public async Task Gemini_IsSentItsOwnSubset_OfAnswersAndTools()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "gemini" }, "gemini-2.0-flash") });

        var reply = await WithMetadataAsync(host, Ask(Schema.Replace(",\"minimum\":5", "", StringComparison.Ordinal)));

        Assert.Equal(200, reply.Status);
        Assert.Equal("x", (string?)JsonNode.Parse(reply.Content)!["kind"]);
        Assert.True((bool?)Stage(reply)!["data"]!["valid"]);
        var body = ChatClient.Body("call save");
        body["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"save","parameters":{"type":"object","properties":{"tree":{"$ref":"#/$defs/T"}},"$defs":{"T":{"type":["object","null"],"properties":{"n":{"enum":[1,2]},"next":{"$ref":"#/$defs/T"}}}}}}}]""");
        var called = await WithMetadataAsync(host, body);
        Assert.Equal("tool_calls", called.Finish);
        Assert.Equal(["tools.save #/$defs/T/properties/n enum described", "tools.save #/$defs/T/properties/next $ref cut"], Changes(Stage(called)!));
        Assert.Null(Stage(called)!["data"]!["valid"]);
    }

    [Fact]
    public async Task HostsOfOpenAIsFormat_AreSentTheirOwnSubsets()
    {
        var config = UpstreamConfig.Models(new UpstreamSetup(), ("acme/c", ["sim"]), ("acme/x", ["sim"]))
            .Replace("\"p1\"", "\"cerebras\"", StringComparison.Ordinal).Replace("\"p2\"", "\"xai\"", StringComparison.Ordinal)
            .Replace("\"tools\",", "\"tools\",\"structured_outputs\",", StringComparison.Ordinal);
        await using var host = await GatewayHost.StartAsync(new() { Config = config });

        var body = Ask("""{"type":"object","properties":{"n":{"type":["integer","null"]},"l":{"type":"array","items":{"type":"string"},"maxItems":2}},"required":["n"],"additionalProperties":false}""");
        body["model"] = "acme/c";
        var reply = await WithMetadataAsync(host, body);
        Assert.Equal(200, reply.Status);
        var sent = JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["response_format"]!["json_schema"]!;
        Assert.True((bool?)sent["strict"]);
        Assert.Equal("null", (string?)sent["schema"]!["properties"]!["n"]!["anyOf"]![1]!["type"]);
        Assert.Equal(["response_format #/properties/l maxItems described"], Changes(Stage(reply)!));

        var call = ChatClient.Body("call save");
        call["model"] = "acme/x";
        call["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"save","parameters":{"type":"object","properties":{"tree":{"$ref":"#/$defs/T"}},"$defs":{"T":{"type":"object","properties":{"kid":{"$ref":"#/$defs/T"}}}}}}}]""");
        var called = await WithMetadataAsync(host, call);
        Assert.Equal("tool_calls", called.Finish);
        var parameters = JsonNode.Parse(host.Simulator.Requests[^1].BodyText)!["tools"]![0]!["function"]!["parameters"]!;
        Assert.True((bool?)parameters["properties"]!["tree"]!["properties"]!["kid"]!["additionalProperties"]);
        Assert.Equal(["tools.save #/$defs/T/properties/kid $ref cut"], Changes(Stage(called)!));
    }

    [Fact]
    public async Task AnAnswerThatDoesNotFit_IsDelivered_Charged_Counted_AndTold()
    {
        await using var upstream = await FakeService.StartAsync();
        var content = "{\\\"a\\\":1}";
        upstream.Answer = _ => (200, $$$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":9,"total_tokens":14}}""");
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { BaseUrl = upstream.Address }, "m") });
        const string Wanted = """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""";

        var reply = await host.ChatAsync(Ask(Wanted));
        Assert.Equal((200, """{"a":1}"""), (reply.Status, reply.Content));
        Assert.True(reply.Cost > 0);
        Assert.Null(reply.Json["openrouter_metadata"]);
        var stage = Stage(await WithMetadataAsync(host, Ask(Wanted)))!;
        Assert.Equal("$.a must be of type \"string\"", (string?)stage["data"]!["fault"]);
        // The endpoint knows no schemas: it was asked in words.
        Assert.Equal(["response_format # schema not_enforced"], Changes(stage));
        content = "Sorry, no.";
        Assert.Equal("the answer is not JSON", (string?)Stage(await WithMetadataAsync(host, Ask(Wanted)))!["data"]!["fault"]);
        Assert.Contains("fairlead_schema_misfits", await host.Anonymous.GetStringAsync("metrics"), StringComparison.Ordinal);

        content = "{\\\"a\\\":\\\"b\\\"}";
        Assert.True((bool?)Stage(await WithMetadataAsync(host, Ask(Wanted)))!["data"]!["valid"]);
        var loose = Ask(Wanted);
        loose["response_format"]!["json_schema"]!["strict"] = false;
        Assert.Null(Stage(await WithMetadataAsync(host, loose))!["data"]!["valid"]);
    }

    [Fact]
    public async Task WhatIsNoSchema_IsA400_ThatNamesThePlace()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "anthropic-messages" }, "claude-sonnet-4-5") });
        var reply = await host.ChatAsync(Ask("""{"type":"object","properties":{"a":{"$ref":"https://example.com/a.json"}}}"""));
        Assert.Equal(400, reply.Status);
        Assert.Contains("#/properties/a/$ref leads nowhere", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
        Assert.Empty(host.Simulator!.Requests);
    }
}
