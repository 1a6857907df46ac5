using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Chat with a provider that speaks Cohere's protocol, over real sockets.</summary>
public sealed class CohereTests
{
    private const string Tools = """
        [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]
        """;

    private static Task<GatewayHost> StartAsync(string upstream = "sim") =>
        GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "cohere" }, upstream) });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ParallelCallsAndTheirResults_GoRound_WithThePlan(bool stream)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("call get_weather for \"Bern\" and get_time", stream);
        body["tools"] = JsonNode.Parse(Tools);
        var reply = await host.ChatAsync(body);
        Assert.Equal("tool_calls", reply.Finish);
        var message = reply.Message(stream);
        Assert.Equal(["""{"city":"Bern"}""", "{}"], message["tool_calls"]!.AsArray().Select(call => (string)call!["function"]!["arguments"]!));
        Assert.Equal("I will use get_weather and get_time.", (string?)message["reasoning"]);

        body["messages"]!.AsArray().Add(message.DeepClone());
        foreach (var call in message["tool_calls"]!.AsArray())
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)call!["id"], ["content"] = "fog" });
        Assert.Equal("get_weather returned: fog get_time returned: fog", (await host.ChatAsync(body)).Content);
        var sent = JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!;
        Assert.Equal("I will use get_weather and get_time.", (string?)sent["messages"]![1]!["tool_plan"]);
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
    public async Task JsonSchema_IsEnforcedByTheProvider()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body("name \"Ada\"");
        body["response_format"] = JsonNode.Parse(
            """{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}""");
        Assert.Equal("""{"name":"Ada"}""", (await host.ChatAsync(body)).Content);
    }

    [Fact]
    public async Task Images_AreHandedOn_ByAddressAndByValue()
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body();
        body["messages"]![0]!["content"] = JsonNode.Parse(
            """[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""");
        Assert.StartsWith("I see 2 images: url, image/png.", (await host.ChatAsync(body)).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thoughts_AreReasoning_AndGoBack(bool stream)
    {
        await using var host = await StartAsync();
        var body = ChatClient.Body(stream: stream);
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        var reply = await host.ChatAsync(body);
        var message = reply.Message(stream);
        Assert.StartsWith("The user wrote", (string?)message["reasoning"], StringComparison.Ordinal);

        body["messages"]!.AsArray().Add(message.DeepClone());
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "and?" });
        Assert.Equal(200, (await host.ChatAsync(body)).Status);
        var content = JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["messages"]![1]!["content"]!;
        Assert.Equal(((string?)message["reasoning"], "hello"), ((string?)content[0]!["thinking"], (string?)content[1]!["text"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Charge_IsForWhatTheProviderBills_AndUsageShowsWhatWasRead(bool stream)
    {
        await using var host = await StartAsync();
        var reply = await host.ChatAsync(ChatClient.Body(stream: stream));
        var (prompt, completion) = ((int)reply.Usage!["prompt_tokens"]!, (int)reply.Usage["completion_tokens"]!);

        Assert.True(prompt > 60);
        Assert.Equal(((prompt - 60) * 0.000001m) + (completion * 0.000002m), reply.Cost);
        Assert.Equal(reply.Cost, await host.SpentAsync());
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal((prompt, reply.Cost), ((int)record["native_tokens_prompt"]!, (decimal)record["total_cost"]!));
        Assert.Equal("COMPLETE", (string?)record["native_finish_reason"]);
    }

    [Theory]
    [InlineData("length", "max_tokens", "3")]
    [InlineData("stop", "stop", "[\"8\"]")]
    public async Task Limits_AreObeyed(string finish, string member, string value)
    {
        await using var host = await StartAsync("sim?tokens=50");
        var body = ChatClient.Body();
        body[member] = JsonNode.Parse(value);
        var reply = await host.ChatAsync(body);
        Assert.Equal(finish, reply.Finish);
        Assert.DoesNotContain("8", reply.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeniedToken_IsTheProvidersModeration()
    {
        await using var host = await StartAsync("sim?filter=1");
        var reply = await host.ChatAsync();
        Assert.Equal("content_policy_violation", reply.ErrorType);
        Assert.Equal(0m, await host.SpentAsync());
    }
}
