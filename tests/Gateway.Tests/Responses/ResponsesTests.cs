using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Responses;

/// <summary><c>POST /api/v1/responses</c> over every kind of upstream (inference §10).</summary>
public sealed class ResponsesTests(GatewayHost host) : IClassFixture<GatewayHost>
{
    public static TheoryData<string, bool> Everywhere()
    {
        var data = new TheoryData<string, bool>();
        foreach (var model in (string[])["acme/openai", "acme/anthropic", "acme/gemini"])
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
        var body = ResponsesCaller.Body("Repeat after me: hello", stream, model);
        body["instructions"] = "Be brief.";
        body["metadata"] = new JsonObject { ["a"] = "b" };
        var reply = await host.RespondAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        var response = reply.Response;
        Assert.Equal("hello", reply.Content);
        Assert.Equal("hello", (string?)response["output_text"]);
        Assert.Equal("completed", (string?)response["status"]);
        Assert.Equal("response", (string?)response["object"]);
        Assert.StartsWith("resp_", (string?)response["id"], StringComparison.Ordinal);
        Assert.Equal("Be brief.", (string?)response["instructions"]);
        Assert.Equal("b", (string?)response["metadata"]!["a"]);
        Assert.False((bool)response["store"]!);
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal((decimal)record["total_cost"]!, (decimal)response["usage"]!["cost"]!);
        Assert.True((decimal)record["total_cost"]! > 0);
        if (stream)
        {
            Assert.Equal(
                ["response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed"],
                reply.Types.Distinct());
        }
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Tools_TwoCallsAndTheirOutputs(string model, bool stream)
    {
        var body = ResponsesCaller.Body(new JsonArray(User("Use get_weather and get_time for \"Oslo\" \"Rome\"")), stream, model);
        body["tools"] = Tools();
        var reply = await host.RespondAsync(body);
        Assert.True(reply.Status == 200, reply.Text);
        var calls = reply.Items("function_call").ToList();
        Assert.Equal(["get_weather", "get_time"], calls.Select(call => (string?)call["name"]));
        Assert.All(calls, call => Assert.NotNull(JsonNode.Parse((string)call["arguments"]!)!["city"]));
        Assert.Equal("completed", (string?)reply.Response["status"]);

        var input = body["input"]!.AsArray();
        foreach (var item in reply.Response["output"]!.AsArray())
            input.Add(item!.DeepClone());
        input.Add(Output(calls[0], "cold"));
        input.Add(Output(calls[1], new JsonArray(new JsonObject { ["type"] = "input_text", ["text"] = "noon" })));
        var after = await host.RespondAsync(body);
        Assert.True(after.Status == 200, after.Text);
        Assert.Contains("cold", after.Content, StringComparison.Ordinal);
        Assert.Contains("noon", after.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme/openai", true)]
    [InlineData("acme/openai", false)]
    [InlineData("acme/anthropic", true)]
    [InlineData("acme/anthropic", false)]
    public async Task Reasoning_GoesBackForThreeTurns_SignaturesAndAll(string model, bool stream)
    {
        var body = ResponsesCaller.Body(new JsonArray(User("Use get_weather for \"Oslo\"")), stream, model);
        body["max_output_tokens"] = 4000;
        body["tools"] = Tools();
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        for (var turn = 0; turn < 3; turn++)
        {
            var reply = await host.RespondAsync(body);
            Assert.True(reply.Status == 200, reply.Text);
            var thought = reply.Items("reasoning").First();
            Assert.NotEqual("", (string?)thought["content"]![0]!["text"]);
            Assert.Equal(model == "acme/anthropic", thought["signature"] is not null);
            var input = body["input"]!.AsArray();
            foreach (var item in reply.Response["output"]!.AsArray())
                input.Add(item!.DeepClone());
            input.Add(Output(reply.Items("function_call").Single(), "cold"));
            input.Add(User("Use get_weather for \"Rome\""));
        }

        if (model != "acme/anthropic")
            return;
        // The provider checks signatures: that it took them is half of it, that they were sent the other.
        var sent = JsonNode.Parse(host.Simulator!.Requests[^1].Body.Span)!;
        Assert.Equal(2, sent["messages"]!.AsArray().Count(turn => turn!["content"] is JsonArray blocks && blocks.Any(block => (string?)block!["type"] == "thinking")));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Image_Length_AndSchema(string model, bool stream)
    {
        var look = ResponsesCaller.Body(JsonNode.Parse("""
            [{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="},{"type":"input_text","text":"Look"}]}]
            """)!, stream, model);
        Assert.StartsWith("I see 1 image", (await host.RespondAsync(look)).Content, StringComparison.Ordinal);

        var cut = ResponsesCaller.Body("Repeat after me: one two three four five six", stream, model);
        cut["max_output_tokens"] = 3;
        var reply = await host.RespondAsync(cut);
        Assert.Equal("incomplete", (string?)reply.Response["status"]);
        Assert.Equal("max_output_tokens", (string?)reply.Response["incomplete_details"]!["reason"]);

        var json = ResponsesCaller.Body("Fill in \"Oslo\"", stream, model);
        json["text"] = JsonNode.Parse("""{"format":{"type":"json_schema","name":"place","strict":true,"schema":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}""");
        Assert.Equal("Oslo", (string?)JsonNode.Parse((await host.RespondAsync(json)).Content)!["city"]);
    }

    [Theory]
    [InlineData("""{"model":"acme/openai"}""", "input is required")]
    [InlineData("""{"model":"acme/openai","input":"x","store":true}""", "store must be false")]
    [InlineData("""{"model":"acme/openai","input":"x","previous_response_id":"resp_1"}""", "previous_response_id must be null")]
    [InlineData("""{"model":"acme/openai","input":"x","background":true}""", "background must be false")]
    [InlineData("""{"model":"acme/openai","input":[{"type":"item_reference","id":"x"}]}""", "input[0] refers to a stored item")]
    [InlineData("""{"model":"acme/openai","input":[{"type":"wish"}]}""", "input[0].type must be one of message")]
    [InlineData("""{"model":"acme/openai","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", "input[0].call_id matches no function_call before it")]
    [InlineData("""{"model":"acme/openai","input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input[0].content[0].image_url is required")]
    [InlineData("""{"model":"acme/openai","input":"x","tools":[{"type":"file_search"}]}""", "tools[0].type file_search is a tool that runs on the server")]
    [InlineData("""{"model":"acme/openai","input":"x","tools":[{"type":"function","name":"a b"}]}""", "tools[0].name may only hold")]
    [InlineData("""{"model":"acme/openai","input":"x","max_output_tokens":0}""", "max_output_tokens must be an integer")]
    [InlineData("""{"model":"acme/openai","input":"x","text":{"format":{"type":"json_schema","schema":{}}}}""", "text.format.name is required")]
    [InlineData("""{"model":"acme/openai","input":"x","truncation":"some"}""", "truncation must be one of auto, disabled")]
    public async Task BadInput_NamesThePlaceInTheCallersWords(string body, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/responses") { Content = new StringContent(body) };
        using var response = await host.Client.SendAsync(request);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(message, (string?)json["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal(400, (int)json["error"]!["code"]!);
        Assert.True(json.AsObject().ContainsKey("metadata"));
    }

    private static JsonObject User(string text) => new() { ["role"] = "user", ["content"] = text };

    private static JsonObject Output(JsonNode call, JsonNode output) => new() { ["type"] = "function_call_output", ["call_id"] = (string?)call["call_id"], ["output"] = output };

    private static JsonArray Tools() => JsonNode.Parse("""
        [{"type":"function","name":"get_weather","description":"Weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}},
         {"type":"function","name":"get_time","description":"Time","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]
        """)!.AsArray();
}
