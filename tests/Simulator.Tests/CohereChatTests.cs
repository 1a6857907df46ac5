using System.Text.Json.Nodes;

namespace Fairlead.Simulator.Tests;

public sealed class CohereChatTests(Upstream upstream) : IClassFixture<Upstream>
{
    private const string Tools = """
        [{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]
        """;

    [Fact]
    public async Task PlainQuestion_GetsEveryMemberARealAnswerHas()
    {
        var (status, body) = await upstream.PostAsync(Upstream.Cohere, Upstream.Ask("sim", "Repeat after me: the fish"));

        Assert.Equal(200, status);
        Assert.Equal("""[{"type":"text","text":"the fish"}]""", body["message"]!["content"]!.ToJsonString());
        Assert.Equal("COMPLETE", (string?)body["finish_reason"]);
        Assert.Equal(2, (int)body["usage"]!["tokens"]!["output_tokens"]!);
        Assert.Equal(60, (int)body["usage"]!["tokens"]!["input_tokens"]! - (int)body["usage"]!["billed_units"]!["input_tokens"]!);
        Assert.NotNull((string?)body["id"]);
    }

    [Fact]
    public async Task Stream_HasTheEventsOfARealOne()
    {
        var events = await upstream.StreamAsync(Upstream.Cohere, Upstream.Ask("sim-reasoner", "Repeat after me: one two", stream: true));

        Assert.All(events, e => Assert.Equal(e.Name, e.Type));
        Assert.Equal(["message-start", "content-start", "content-delta", "content-end", "content-start", "content-delta", "content-end", "message-end"],
            events.Select(e => e.Type!).Aggregate(new List<string>(), (all, type) => all is [.., var last] && last == type ? all : [.. all, type]));
        Assert.NotEqual("", string.Concat(events.Where(e => e.Type == "content-delta").Select(e => (string?)e.Json["delta"]!["message"]!["content"]!["thinking"])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ToolsMentioned_ArePlannedAndCalled(bool stream)
    {
        var body = Upstream.Ask("sim", "call get_weather for \"Bern\" and get_time", stream);
        body["tools"] = JsonNode.Parse(Tools);
        if (stream)
        {
            var events = await upstream.StreamAsync(Upstream.Cohere, body);
            Assert.Equal(["get_weather", "get_time"], events.Where(e => e.Type == "tool-call-start").Select(e => (string)e.Json["delta"]!["message"]!["tool_calls"]!["function"]!["name"]!));
            Assert.Equal("I will use get_weather and get_time.", string.Concat(events.Select(e => e.Type == "tool-plan-delta" ? (string?)e.Json["delta"]!["message"]!["tool_plan"] : "")));
            Assert.Equal("TOOL_CALL", (string?)events[^1].Json["delta"]!["finish_reason"]);
            return;
        }

        var answer = (await upstream.PostAsync(Upstream.Cohere, body)).Body;
        Assert.Equal(["{\"city\":\"Bern\"}", "null"], answer["message"]!["tool_calls"]!.AsArray().Select(c => (string)c!["function"]!["arguments"]!));
        body["messages"]!.AsArray().Add(JsonNode.Parse($$"""{"role":"assistant","tool_plan":"p","tool_calls":{{answer["message"]!["tool_calls"]!.ToJsonString()}}}"""));
        Assert.Equal(400, (await upstream.PostAsync(Upstream.Cohere, body)).Status);
        foreach (var call in answer["message"]!["tool_calls"]!.AsArray())
        {
            body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string?)call!["id"], ["content"] = "fog" });
        }

        Assert.Equal("get_weather returned: fog get_time returned: fog", (string?)(await upstream.PostAsync(Upstream.Cohere, body)).Body["message"]!["content"]![0]!["text"]);
    }

    [Theory]
    [InlineData("""{"p":1}""", 400)]
    [InlineData("""{"k":501}""", 400)]
    [InlineData("""{"presence_penalty":-0.5}""", 400)]
    [InlineData("""{"stop_sequences":["1","2","3","4","5","6"]}""", 400)]
    [InlineData("""{"tool_choice":"REQUIRED"}""", 400)]
    [InlineData("""{"response_format":{"type":"json_object","json_schema":{"type":"object"}}}""", 400)]
    [InlineData("""{"top_p":0.5}""", 422)]
    [InlineData("""{"messages":[]}""", 400)]
    [InlineData("""{"messages":[{"role":"developer","content":"x"}]}""", 400)]
    public async Task WhatTheProviderRefuses_IsRefused(string members, int status)
    {
        var body = Upstream.Ask("sim", "hi");
        foreach (var (name, value) in JsonNode.Parse(members)!.AsObject().ToList())
        {
            body[name] = value?.DeepClone();
        }

        var (answered, answer) = await upstream.PostAsync(Upstream.Cohere, body);
        Assert.Equal(status, answered);
        Assert.NotNull((string?)answer["message"]);
    }
}
