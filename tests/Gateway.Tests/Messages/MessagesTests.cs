using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Messages;

/// <summary><c>POST /api/v1/messages</c> over every kind of upstream (inference §12).</summary>
public sealed class MessagesTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    private static readonly string[] Models = ["acme/openai", "acme/anthropic", "acme/gemini"];

    public static TheoryData<string, bool> Everywhere()
    {
        var data = new TheoryData<string, bool>();
        foreach (var model in Models)
        {
            data.Add(model, true);
            data.Add(model, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Text_WithUsageAndCost(string model, bool stream)
    {
        var reply = await host.MessageAsync(MessagesClient.Body(stream: stream, model: model));
        Assert.Equal(200, reply.Status);
        var message = reply.Message;
        Assert.Equal("hello", reply.Content);
        Assert.Equal("end_turn", (string?)message["stop_reason"]);
        Assert.Equal("message", (string?)message["type"]);
        Assert.Equal("assistant", (string?)message["role"]);
        Assert.Equal(model, (string?)message["model"]);
        Assert.Equal(reply.GenerationId, (string?)message["id"]);
        Assert.True((int)message["usage"]!["input_tokens"]! > 0);
        Assert.True((int)message["usage"]!["output_tokens"]! > 0);
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal((decimal)record["total_cost"]!, (decimal)message["usage"]!["cost"]!);
        Assert.True((decimal)record["total_cost"]! > 0);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task System_AsTextAndAsBlocks(string model, bool stream)
    {
        var body = MessagesClient.Body("What are your instructions?", stream, model);
        body["system"] = "Be brief.";
        Assert.Contains("Be brief.", (await host.MessageAsync(body)).Content, StringComparison.Ordinal);
        body["system"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "Be long.", ["cache_control"] = new JsonObject { ["type"] = "ephemeral" } });
        Assert.Contains("Be long.", (await host.MessageAsync(body)).Content, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Tools_TwoCallsAndTheirResults(string model, bool stream)
    {
        var body = MessagesClient.Body("Use get_weather and get_time for \"Oslo\" \"Rome\"", stream, model);
        body["tools"] = Tools();
        var reply = await host.MessageAsync(body);
        Assert.Equal("tool_use", (string?)reply.Message["stop_reason"]);
        var calls = reply.Blocks("tool_use").ToList();
        Assert.Equal(["get_weather", "get_time"], calls.Select(call => (string?)call["name"]));
        Assert.All(calls, call => Assert.NotNull((string?)call["input"]!["city"]));

        var turns = body["messages"]!.AsArray();
        turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = reply.Message["content"]!.DeepClone() });
        turns.Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(
                Result(calls[0], "cold"), Result(calls[1], new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "noon" }))),
        });
        var after = await host.MessageAsync(body);
        Assert.Equal("end_turn", (string?)after.Message["stop_reason"]);
        Assert.Contains("cold", after.Content, StringComparison.Ordinal);
        Assert.Contains("noon", after.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme/openai", true)]
    [InlineData("acme/openai", false)]
    [InlineData("acme/anthropic", true)]
    [InlineData("acme/anthropic", false)]
    public async Task Thinking_ComesAsBlocks_AndGoesBack(string model, bool stream)
    {
        var body = MessagesClient.Body("Use get_weather for \"Oslo\"", stream, model);
        body["max_tokens"] = 4000;
        body["tools"] = Tools();
        body["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 1024 };
        for (var turn = 0; turn < 3; turn++)
        {
            var reply = await host.MessageAsync(body);
            Assert.True(reply.Status == 200, reply.Text);
            var thought = reply.Blocks("thinking").First();
            Assert.NotEqual("", (string?)thought["thinking"]);
            Assert.Equal(model == "acme/anthropic", ((string?)thought["signature"])!.Length > 0);
            var call = reply.Blocks("tool_use").Single();
            var turns = body["messages"]!.AsArray();
            turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = reply.Message["content"]!.DeepClone() });
            turns.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(Result(call, "cold"), new JsonObject { ["type"] = "text", ["text"] = "Use get_weather for \"Rome\"" }) });
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Image_AndLength_AndStopSequence(string model, bool stream)
    {
        var body = MessagesClient.Body("", stream, model);
        body["messages"]![0]!["content"] = JsonNode.Parse("""
            [{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="}},{"type":"text","text":"Look"}]
            """);
        Assert.StartsWith("I see 1 image", (await host.MessageAsync(body)).Content, StringComparison.Ordinal);

        var short_ = MessagesClient.Body("Repeat after me: one two three four five six", stream, model);
        short_["max_tokens"] = 3;
        Assert.Equal("max_tokens", (string?)(await host.MessageAsync(short_)).Message["stop_reason"]);

        var stopped = MessagesClient.Body("Repeat after me: one two three", stream, model);
        stopped["stop_sequences"] = new JsonArray("two");
        var reply = await host.MessageAsync(stopped);
        Assert.Equal("one", reply.Content.Trim());
        if (model == "acme/anthropic")
            Assert.Equal("stop_sequence", (string?)reply.Message["stop_reason"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EncryptedReasoningOfAnotherVendor_GoesBackWithTheResult_OfItsOwnAccountOnly(bool stream)
    {
        await using var other = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "openai-responses" }, "sim-reasoner") });
        var body = MessagesClient.Body("Use get_weather for \"Oslo\"", stream, UpstreamConfig.Model);
        body["max_tokens"] = 4000;
        body["tools"] = Tools();
        body["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 1024 };
        var reply = await other.MessageAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        Assert.DoesNotContain("encrypted", reply.Text, StringComparison.Ordinal);
        var turns = body["messages"]!.AsArray();
        turns.Add(new JsonObject { ["role"] = "assistant", ["content"] = reply.Message["content"]!.DeepClone() });
        turns.Add(new JsonObject { ["role"] = "user", ["content"] = new JsonArray(Result(reply.Blocks("tool_use").Single(), "cold")) });
        Assert.Equal(200, (await other.MessageAsync(body)).Status);
        Assert.Contains("encrypted_content", Items(), StringComparison.Ordinal);

        // The same conversation with a call nobody answered here: nothing is known of it.
        foreach (var place in (JsonNode[])[turns[1]!["content"]!.AsArray().Last()!, turns[2]!["content"]![0]!])
            place[place["id"] is null ? "tool_use_id" : "id"] = "call_of_somebody_else";
        Assert.Equal(200, (await other.MessageAsync(body)).Status);
        Assert.DoesNotContain("encrypted_content", Items(), StringComparison.Ordinal);

        string Items() => JsonNode.Parse(other.Simulator!.Requests[^1].Body.Span)!["input"]!.ToJsonString();
    }

    [Fact]
    public async Task ForwardedToAnthropic_UnknownMembersSurvive_GatewayMembersDoNot()
    {
        var body = MessagesClient.Body();
        body["messages"]![0]!["content"] = JsonNode.Parse("""[{"type":"text","text":"Repeat after me: hello","x_unknown":{"deep":[1,2.50]}}]""");
        body["provider"] = new JsonObject { ["sort"] = "price" };
        body["x_top_level"] = 1;
        body["metadata"] = new JsonObject { ["user_id"] = "u-1" };
        Assert.Equal(200, (await host.MessageAsync(body)).Status);
        var sent = host.Simulator!.Requests[^1];
        var json = JsonNode.Parse(sent.Body.Span)!.AsObject();
        Assert.Equal("""{"deep":[1,2.50]}""", json["messages"]![0]!["content"]![0]!["x_unknown"]!.ToJsonString());
        Assert.False(json.ContainsKey("provider"));
        Assert.False(json.ContainsKey("x_top_level"));
        Assert.Equal("sim", (string?)json["model"]);
        Assert.Equal(32, ((string?)json["metadata"]!["user_id"])!.Length);
    }

    [Fact]
    public async Task Keys_InTheVendorsHeader_AndErrorsInItsShape()
    {
        using var client = host.NewClient(null);
        client.DefaultRequestHeaders.Add("x-api-key", host.Key);
        Assert.Equal(200, (await host.MessageAsync(MessagesClient.Body(), client)).Status);
        var refused = await host.MessageAsync(MessagesClient.Body(), host.Anonymous);
        Assert.Equal(401, refused.Status);
        Assert.Equal("authentication_error", (string?)refused.Error!["type"]);
        Assert.Equal("error", (string?)JsonNode.Parse(refused.Text)!["type"]);
        Assert.Equal(refused.GenerationId, (string?)JsonNode.Parse(refused.Text)!["request_id"]);
        var unknown = await host.MessageAsync(MessagesClient.Body(model: "acme/nothing"));
        Assert.Equal("invalid_request_error", (string?)unknown.Error!["type"]);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model is required.")]
    [InlineData("""{"model":"acme/openai"}""", "messages is required and must hold at least one message.")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"tool","content":"x"}]}""", "messages[0].role must be one of user, assistant, system.")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":[{"type":"video"}]}]}""", "messages[0].content[0].type must be one of")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]}""", "messages[0].content[0].tool_use_id matches no tool_use block")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"%%"}}]}]}""", "messages[0].content[0].source.data must be base64.")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/tiff","data":"AAAA"}}]}]}""", "messages[0].content[0].source.media_type must be one of")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"temperature":3}""", "temperature must be a number between 0 and 2.")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"stop_sequences":["a",1]}""", "stop_sequences[1] must be a string")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"tools":[{"name":"a b","input_schema":{}}]}""", "tools[0].name may only hold")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"tools":[{"type":"bash_20250124","name":"web_search"}]}""", "tools[0].type bash_20250124")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled"}}""", "thinking.budget_tokens is required")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"fallbacks":[{"model":"a","max_tokens":1}]}""", "fallbacks[0] must be an object with a model and nothing else.")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"user","content":"x"}],"model":"b"}""", "twice")]
    [InlineData("""{"model":"acme/openai","messages":[{"role":"us""", "it ends too early")]
    [InlineData("[]", "The body must be an object.")]
    public async Task BadInput_NamesThePlaceInTheCallersWords(string body, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/messages") { Content = new StringContent(body) };
        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(message, (string?)JsonNode.Parse(text)!["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task CountTokens_Estimates_AndCostsNothing()
    {
        var before = await host.SpentAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/messages/count_tokens") { Content = new StringContent(MessagesClient.Body("one two three four").ToJsonString()) };
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.InRange((int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["input_tokens"]!, 4, 20);
        Assert.Equal(before, await host.SpentAsync());
    }

    private static JsonArray Tools() => JsonNode.Parse("""
        [{"name":"get_weather","description":"Weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}},
         {"name":"get_time","description":"Time","input_schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]
        """)!.AsArray();

    private static JsonObject Result(JsonNode call, JsonNode content) => new() { ["type"] = "tool_result", ["tool_use_id"] = (string?)call["id"], ["content"] = content };
}
