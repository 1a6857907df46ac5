using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class OpenAIResponsesTests(Upstream upstream) : IClassFixture<Upstream>
{
    private const string Tools = """
        [{"type":"function","name":"get_weather","strict":false,"parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}},
         {"type":"function","name":"get_time","strict":false,"parameters":{"type":"object","properties":{}}}]
        """;

    [Fact]
    public async Task PlainQuestion_GetsEveryMemberARealAnswerHas()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Responses, Upstream.AskResponses("sim", "Repeat after me: the fish"));

        Assert.Equal(200, status);
        Assert.Equal(("response", "completed", "sim"), ((string?)body["object"], (string?)body["status"], (string?)body["model"]));
        Assert.Equal("the fish", (string?)body["output"]![0]!["content"]![0]!["text"]);
        Assert.Equal(2, (int)body["usage"]!["output_tokens"]!);
        Assert.Null(body["error"]);
    }

    [Fact]
    public async Task Stream_HasTheEventsOfARealOne_NumberedWithoutAGap()
    {
        var body = Upstream.AskResponses("sim-reasoner", "Repeat after me: one two", stream: true);
        body["reasoning"] = new JsonObject { ["summary"] = "auto" };
        body["include"] = new JsonArray("reasoning.encrypted_content");
        var events = await upstream.StreamAsync(Upstream.Responses, body);

        Assert.All(events, e => Assert.Equal(e.Name, e.Type));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e.Json["sequence_number"]!));
        Assert.Equal(
            ["created", "in_progress", "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done",
             "output_item.done", "output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed"],
            events.Select(e => e.Type!["response.".Length..]).Aggregate(new List<string>(), (all, type) => all is [.., var last] && last == type ? all : [.. all, type]));
        Assert.Equal("one two", string.Concat(events.Where(e => e.Type == "response.output_text.delta").Select(e => (string?)e.Json["delta"])));
        Assert.Equal(events[^1].Json["response"]!["output"]![0]!["encrypted_content"]!.ToJsonString(), events.First(e => e.Type == "response.output_item.done").Json["item"]!["encrypted_content"]!.ToJsonString());
    }

    [Fact]
    public async Task ToolsMentioned_AreCalled_AndEveryCallNeedsItsOutput()
    {
        var body = Upstream.AskResponses("sim", "call get_weather for \"Bern\" and get_time");
        body["tools"] = JsonNode.Parse(Tools);
        var output = (await upstream.PostAsync(Upstream.Responses, body)).Body["output"]!.AsArray();
        Assert.Equal(["{\"city\":\"Bern\"}", "{}"], output.Select(item => (string)item!["arguments"]!));

        var input = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = (string?)body["input"] });
        foreach (var call in output)
            input.Add(call!.DeepClone());
        body["input"] = input;
        Assert.Contains("No tool output found", (string?)(await upstream.PostAsync(Upstream.Responses, body)).Body["error"]!["message"], StringComparison.Ordinal);
        foreach (var call in output)
            input.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = (string?)call!["call_id"], ["output"] = "fog" });
        Assert.Equal("get_weather returned: fog get_time returned: fog", (string?)(await upstream.PostAsync(Upstream.Responses, body)).Body["output"]![0]!["content"]![0]!["text"]);
    }

    [Fact]
    public async Task Reasoning_ComesBackWholeOrIsRefused()
    {
        var body = Upstream.AskResponses("sim", "hi");
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        body["include"] = new JsonArray("reasoning.encrypted_content");
        var output = (await upstream.PostAsync(Upstream.Responses, body)).Body["output"]!;
        var message = new JsonObject { ["role"] = "assistant", ["content"] = output[1]!["content"]!.DeepClone() };
        async Task<string?> CodeOf(params JsonNode[] items)
        {
            body["input"] = new JsonArray([.. items.Select(item => item.DeepClone())]);
            var (status, answer) = await upstream.PostAsync(Upstream.Responses, body);
            return status == 200 ? null : (string?)answer["error"]!["code"] ?? (string?)answer["error"]!["message"];
        }

        Assert.Null(await CodeOf(output[0]!, message));
        Assert.Contains("required following item", await CodeOf(output[0]!), StringComparison.Ordinal);
        var changed = output[0]!.DeepClone();
        changed["encrypted_content"] = "AAAA";
        Assert.Equal("invalid_encrypted_content", await CodeOf(changed, message));
        changed.AsObject().Remove("encrypted_content");
        Assert.Contains("not persisted", await CodeOf(changed, message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"max_output_tokens":15}""", "integer_below_min_value")]
    [InlineData("""{"messages":[]}""", "unknown_parameter")]
    [InlineData("""{"stop":["x"]}""", "unknown_parameter")]
    [InlineData("""{"input":[]}""", "missing_required_parameter")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"text","text":"x"}]}]}""", "invalid_value")]
    [InlineData("""{"input":[{"type":"function_call_output","call_id":"c","output":"x"}]}""", null)]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}]}""", "missing_required_parameter")]
    [InlineData("""{"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]}""", "invalid_function_parameters")]
    [InlineData("""{"model":"gpt-5-pro","temperature":1}""", null)]
    [InlineData("""{"text":{"format":{"type":"json_schema"}}}""", "missing_required_parameter")]
    public async Task WhatTheProviderRefuses_IsRefused(string members, string? code)
    {
        var body = Upstream.AskResponses("sim", "hi");
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject().ToList())
        {
            body[name] = value?.DeepClone();
        }

        var (status, answer) = await upstream.PostAsync(Upstream.Responses, body);
        Assert.Equal((400, code), (status, (string?)answer["error"]!["code"]));
    }
}
