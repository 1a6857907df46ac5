using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Responses;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Chat with a provider that speaks OpenAI's Responses, over real sockets.</summary>
public sealed class ResponsesUpstreamTests
{
    private const string Tools = """
        [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]
        """;

    private static Task<GatewayHost> StartAsync(params string[] upstreams) =>
        GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "openai-responses" }, upstreams is [] ? ["sim"] : upstreams) });

    private static JsonNode Sent(GatewayHost host, int back = 1) => JsonNode.Parse(host.Simulator!.Requests[^back].BodyText)!;

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
        var message = reply.Message(stream);
        Assert.Equal(["""{"city":"Bern"}""", "{}"], message["tool_calls"]!.AsArray().Select(call => (string)call!["function"]!["arguments"]!));

        body["messages"]!.AsArray().Add(message.DeepClone());
        foreach (var call in message["tool_calls"]!.AsArray())
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)call!["id"], ["content"] = "fog" });
        Assert.Equal("get_weather returned: fog get_time returned: fog", (await host.ChatAsync(body)).Content);
        Assert.False((bool)Sent(host)["store"]!);
        Assert.EndsWith("/v1/responses", host.Simulator!.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EncryptedReasoning_IsReplayedOverThreeTurns_ByteForByte(bool stream)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("one", stream);
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        var sealedContents = new List<string>();
        for (var turn = 0; turn < 3; turn++)
        {
            var reply = await host.ChatAsync(body);
            Assert.Equal(200, reply.Status);
            var message = reply.Message(stream);
            Assert.StartsWith("The user wrote", (string?)message["reasoning"], StringComparison.Ordinal);
            var encrypted = Assert.Single(message["reasoning_details"]!.AsArray(), d => (string?)d!["type"] == "reasoning.encrypted")!;
            Assert.Equal("openai-responses-v1", (string?)encrypted["format"]);
            sealedContents.Add((string)encrypted["data"]!);
            body["messages"]!.AsArray().Add(message.DeepClone());
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = $"and {turn}?" });
        }

        Assert.Equal(200, (await host.ChatAsync(body)).Status);
        var items = Sent(host)["input"]!.AsArray().Where(item => (string?)item!["type"] == "reasoning").ToList();
        Assert.Equal(sealedContents, items.Select(item => (string)item!["encrypted_content"]!));
        Assert.All(items, item => Assert.StartsWith("The user wrote", (string?)item!["summary"]![0]!["text"], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientOfTheSameFormat_GetsOneReasoningItem_AndItGoesBackAsOne(bool stream)
    {
        await using var host = await StartAsync();
        var body = ResponsesCaller.Body(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hello" }), stream, UpstreamConfig.Model);
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        var reply = await host.RespondAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        var item = Assert.Single(reply.Items("reasoning"));
        Assert.StartsWith("rs_", (string?)item["id"], StringComparison.Ordinal);
        Assert.StartsWith("The user wrote", (string?)item["summary"]![0]!["text"], StringComparison.Ordinal);

        foreach (var output in reply.Response["output"]!.AsArray())
            body["input"]!.AsArray().Add(output!.DeepClone());
        body["input"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "and?" });
        var second = await host.RespondAsync(body);
        Assert.True(second.Status == 200, second.Text);
        var sent = Assert.Single(Sent(host)["input"]!.AsArray(), one => (string?)one!["type"] == "reasoning")!;
        foreach (var member in (string[])["id", "encrypted_content", "summary"])
            Assert.True(JsonNode.DeepEquals(item[member], sent[member]), $"{member}: {item[member]?.ToJsonString()} was sent as {sent[member]?.ToJsonString()}");
    }

    [Fact]
    public async Task EncryptedReasoningOfAnotherAccount_IsLeftOut_AndTheSameEndpointAnswers()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("hello");
        body["messages"] = JsonNode.Parse(
            """
            [{"role":"user","content":"hi"},
             {"role":"assistant","content":"yes","reasoning_details":[{"type":"reasoning.encrypted","format":"openai-responses-v1","id":"rs_1","index":0,"data":"gAAAAfromelsewhere"}]},
             {"role":"user","content":"hello"}]
            """);
        var reply = await host.ChatAsync(body);

        Assert.Equal((200, 2), (reply.Status, host.Simulator!.Requests.Count));
        Assert.Contains("gAAAAfromelsewhere", host.Simulator.Requests[0].BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain("gAAAAfromelsewhere", host.Simulator.Requests[1].BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("required", "get_weather")]
    [InlineData("get_time", "get_time")]
    [InlineData("none", null)]
    public async Task ToolChoice_IsObeyed(string choice, string? called)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("hello");
        body["tools"] = JsonNode.Parse(Tools);
        body["tool_choice"] = choice == "get_time" ? JsonNode.Parse("""{"type":"function","function":{"name":"get_time"}}""") : choice;
        var reply = await host.ChatAsync(body);
        Assert.Equal(200, reply.Status);
        Assert.Equal(called, (string?)reply.Json["choices"]![0]!["message"]!["tool_calls"]?[0]!["function"]!["name"]);
    }

    [Fact]
    public async Task SystemImagesAndJson_ReachTheModel()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body();
        body["messages"]![0]!["content"] = JsonNode.Parse(
            """[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""");
        Assert.StartsWith("I see 2 images: url, image/png.", (await host.ChatAsync(body)).Content, StringComparison.Ordinal);

        body["messages"] = JsonNode.Parse("""[{"role":"system","content":"Be brief."},{"role":"user","content":"What are your instructions?"}]""");
        Assert.Equal("My instructions: Be brief.", (await host.ChatAsync(body)).Content);

        body = ChatClient.Body("name \"Ada\"");
        body["response_format"] = JsonNode.Parse(
            """{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}""");
        Assert.Equal(200, (await host.ChatAsync(body)).Status);
    }

    [Theory]
    [InlineData("sim?tokens=50", "length", true)]
    [InlineData("sim?tokens=50", "length", false)]
    [InlineData("sim?filter=1", "content_filter", true)]
    [InlineData("sim?filter=1", "content_filter", false)]
    public async Task Ends_AreTold(string upstream, string finish, bool stream)
    {
        await using var host = await StartAsync(upstream);
        var body = ChatClient.Body(stream: stream);
        body["max_tokens"] = finish == "length" ? 3 : 1000;
        var reply = await host.ChatAsync(body);
        Assert.Equal(finish, reply.Finish);
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal(finish == "length" ? "max_output_tokens" : "content_filter", (string?)record["native_finish_reason"]);
        if (finish == "length")
            Assert.Equal(16, (int)reply.Usage!["completion_tokens"]!); // the vendor takes no smaller limit
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refusal_IsARefusal(bool stream)
    {
        await using var host = await StartAsync("sim?refusal=1");
        var reply = await host.ChatAsync(ChatClient.Body(stream: stream));
        Assert.Equal("stop", reply.Finish);
        Assert.Contains("\"refusal\":\"I'm sorry, I can't assist with that request.\"", reply.Text, StringComparison.Ordinal);
    }
}
