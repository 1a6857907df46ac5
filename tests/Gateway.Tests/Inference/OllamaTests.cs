using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Chat with a server that speaks Ollama's own protocol, over real sockets.</summary>
public sealed class OllamaTests
{
    private const string Tools = """
        [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]
        """;

    private static Task<GatewayHost> StartAsync(string upstream = "sim", string baseUrl = "SIMULATOR", int context = 20_000) =>
        GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "ollama", BaseUrl = baseUrl, Context = context, MaxCompletion = 1000 }, upstream) });

    private static JsonNode Sent(GatewayHost host) => JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!;

    [Theory]
    [InlineData("SIMULATOR", false)]
    [InlineData("SIMULATOR/v1", false)]
    [InlineData("SIMULATOR", true)]
    public async Task Answers_WithTheCatalogsWindow_AlsoWhereTheAddressNamesTheOtherSurface(string baseUrl, bool stream)
    {
        await using var host = await StartAsync(baseUrl: baseUrl);
        var reply = await host.ChatAsync(ChatClient.Body("Repeat after me: grüße, 世界 👋", stream));

        Assert.Equal(("grüße, 世界 👋", "stop"), (reply.Content, reply.Finish));
        Assert.Equal("/api/chat", host.Simulator!.Requests.Single().Path);
        Assert.Equal((20_000, stream), ((int)Sent(host)["options"]!["num_ctx"]!, (bool)Sent(host)["stream"]!));
        Assert.Equal(reply.Cost, await host.SpentAsync());
        Assert.True(reply.Cost > 0);
    }

    [Fact]
    public async Task EndpointsOfTheOtherSurface_AreReachedThere()
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Protocol = "ollama", BaseUrl = "SIMULATOR" }, "sim"))!;
        config["models"]![0]!["endpoints"]![0]!["protocol"] = "openai-chat";
        await using var host = await GatewayHost.StartAsync(new() { Config = config.ToJsonString() });

        Assert.Equal("hello", (await host.ChatAsync()).Content);
        Assert.Equal("/v1/chat/completions", host.Simulator!.Requests.Single().Path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ParallelCallsAndTheirResults_GoRound(bool stream)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("call get_weather for \"Bern\" and get_time", stream);
        body["tools"] = JsonNode.Parse(Tools);
        var reply = await host.ChatAsync(body);
        Assert.Equal("tool_calls", reply.Finish);
        var calls = stream
            ? new JsonArray([.. reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["tool_calls"]?.AsArray() ?? []).Select(c => c!.DeepClone())])
            : reply.Json["choices"]![0]!["message"]!["tool_calls"]!.DeepClone().AsArray();
        calls = new JsonArray([.. calls.GroupBy(c => (int?)c!["index"] ?? calls.IndexOf(c)).Select(fragments => new JsonObject
        {
            ["id"] = (string?)fragments.First()!["id"],
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = (string?)fragments.First()!["function"]!["name"], ["arguments"] = string.Concat(fragments.Select(f => (string?)f!["function"]!["arguments"])),
            },
        })]);
        Assert.Equal(["""{"city":"Bern"}""", "{}"], calls.Select(call => (string)call!["function"]!["arguments"]!));

        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = calls.DeepClone() });
        foreach (var call in calls)
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)call!["id"], ["content"] = "fog" });
        Assert.Equal("get_weather returned: fog get_time returned: fog", (await host.ChatAsync(body)).Content);
    }

    [Fact]
    public async Task JsonSchema_IsTheFormat()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("name \"Ada\"");
        body["response_format"] = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}""");
        Assert.Equal("""{"name":"Ada"}""", (await host.ChatAsync(body)).Content);
    }

    [Fact]
    public async Task Images_AreSentBare()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body();
        body["messages"]![0]!["content"] = JsonNode.Parse("""[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""");
        Assert.StartsWith("I see 1 image: image/png.", (await host.ChatAsync(body)).Content, StringComparison.Ordinal);
        Assert.Equal("iVBORw0KGgo=", (string?)Sent(host)["messages"]![0]!["images"]![0]);
    }

    [Fact]
    public async Task ImageByAddress_IsFetchedByTheGateway_AndNeverFromInside()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body();
        body["messages"]![0]!["content"] = JsonNode.Parse("""[{"type":"image_url","image_url":{"url":"http://169.254.169.254/latest/meta-data/"}}]""");
        var reply = await host.ChatAsync(body);
        Assert.Equal((400, "image_download_failed"), (reply.Status, reply.ErrorType));
        Assert.Empty(host.Simulator!.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_AreReasoning(bool stream)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body(stream: stream);
        body["reasoning"] = new JsonObject { ["enabled"] = true };
        var reply = await host.ChatAsync(body);
        Assert.True((bool)Sent(host)["think"]!);
        Assert.Equal("hello", reply.Content);
        Assert.Contains("The user wrote", stream ? string.Concat(reply.Events.SelectMany(e => e["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["reasoning"])) : reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PromptBeyondTheWindow_Is400_AndNothingIsSent()
    {
        await using var host = await StartAsync(context: 1200);
        var body = ChatClient.Body(string.Join(' ', Enumerable.Repeat("word", 3000)));
        // Windows as small as this lose the middle of what is too long, unless they are told not to.
        body["transforms"] = new JsonArray();
        var reply = await host.ChatAsync(body);
        Assert.Equal((400, "context_length_exceeded"), (reply.Status, reply.ErrorType));
        Assert.Empty(host.Simulator!.Requests);
        Assert.Equal(0m, await host.SpentAsync());
    }

    [Fact]
    public async Task LimitAndStop_AreObeyed()
    {
        await using var host = await StartAsync("sim?tokens=50");
        var body = ChatClient.Body();
        body["max_tokens"] = 3;
        Assert.Equal(("length", "1 2 3"), (await host.ChatAsync(body) is var cut ? (cut.Finish, cut.Content) : default));
        body["max_tokens"] = 100;
        body["stop"] = new JsonArray("8");
        Assert.Equal("1 2 3 4 5 6 7 ", (await host.ChatAsync(body)).Content);
    }
}
