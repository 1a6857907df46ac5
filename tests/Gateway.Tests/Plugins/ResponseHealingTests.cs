using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Conformance;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Response healing over real sockets: every client surface, over upstreams whose answers are not quite JSON.</summary>
public sealed class ResponseHealingTests
{
    private const string Broken = "Here you are:\n```json\n{'city': 'Bern', rain: True,}\n```";
    private const string Healed = """{"city":"Bern","rain":true}""";

    private static readonly JsonNode Schema = JsonNode.Parse("""{"type":"object","properties":{"city":{"type":"string"},"rain":{"type":"boolean"}},"required":["city"],"additionalProperties":false}""")!;

    private static string Choice(int index, string text, string finish = "stop") =>
        $$$"""{"index":{{{index}}},"message":{"role":"assistant","content":{{{JsonSerializer.Serialize(text)}}}},"finish_reason":"{{{finish}}}"}""";

    private static string Completion(params string[] choices) =>
        $$$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{{string.Join(',', choices)}}}],"usage":{"prompt_tokens":5,"completion_tokens":9,"total_tokens":14}}""";

    private static string Message(string text) =>
        $$$"""{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":{{{JsonSerializer.Serialize(text)}}}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":9}}""";

    private static Task<GatewayHost> HostAsync(FakeService upstream, string protocol) =>
        GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol, BaseUrl = upstream.Address }, "m") });

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    public async Task EverySurface_GetsJson_WhereItAskedForASchemaAndThePlugin(string protocol)
    {
        await using var upstream = await FakeService.StartAsync();
        upstream.Answer = _ => (200, protocol == "openai-chat" ? Completion(Choice(0, Broken)) : Message(Broken));
        await using var host = await HostAsync(upstream, protocol);
        foreach (var surface in Surface.All)
        {
            var body = surface.Body(UpstreamConfig.Model, "Rain in Bern?", stream: false);
            surface.Schema(body, Schema.DeepClone());
            Assert.True((await surface.SendAsync(host.Client, body)).Text == Broken, surface.Name);

            body["plugins"] = JsonNode.Parse("""[{"id":"response-healing"}]""");
            var answer = await surface.SendAsync(host.Client, body);
            Assert.True(answer.Text == Healed, $"{surface.Name}: {answer.Raw}");
        }
    }

    [Fact]
    public async Task EachChoiceIsHealed_ButNotOneCutByItsLength_AndTheMetadataSaysSo()
    {
        await using var upstream = await FakeService.StartAsync();
        upstream.Answer = _ => (200, Completion(Choice(0, Broken), Choice(1, """{"city":"Be""", "length"), Choice(2, """{"city":"Bern" }"""), Choice(3, "[1,2")));
        await using var host = await HostAsync(upstream, "openai-chat");
        var body = ChatClient.Body("Rain?");
        body["response_format"] = JsonNode.Parse("""{"type":"json_object"}""");
        body["plugins"] = JsonNode.Parse("""{"response-healing":{}}""");
        using var request = ChatClient.Request(body);
        request.Headers.Add("X-OpenRouter-Metadata", "enabled");

        using var response = await host.Client.SendAsync(request);

        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal([Healed, """{"city":"Be""", """{"city":"Bern" }""", "[1,2]"], json["choices"]!.AsArray().Select(choice => (string?)choice!["message"]!["content"]));
        var stage = Assert.Single(json["openrouter_metadata"]!["pipeline"]!.AsArray())!;
        Assert.Equal("response_healing", (string?)stage["type"]);
        var lengths = $$"""{"mode":"json_object","improved":true,"lengths":[{"before":{{Broken.Length}},"after":{{Healed.Length}}},{"before":4,"after":5}]}""";
        Assert.Equal(lengths, stage["data"]!.ToJsonString());
    }

    [Fact]
    public async Task NothingIsTouched_InStreams_OrWhereNoJsonWasAskedFor()
    {
        const string Text = "Here: {'a': 1,}";
        // It knows no formats, so the simulator repeats the text whatever is asked for.
        var config = UpstreamConfig.Of("sim").Replace("\"response_format\",", "", StringComparison.Ordinal);
        await using var host = await GatewayHost.StartAsync(new() { Config = config });
        foreach (var (stream, format) in new[] { (false, """{"type":"text"}"""), (true, """{"type":"json_object"}"""), (false, """{"type":"json_object"}""") })
        {
            var body = ChatClient.Body("Repeat after me: " + Text, stream);
            body["plugins"] = JsonNode.Parse("""[{"id":"response-healing"}]""");
            body["response_format"] = JsonNode.Parse(format);
            Assert.Equal(stream || format.Contains("text", StringComparison.Ordinal) ? Text : """{"a":1}""", (await host.ChatAsync(body)).Content);
        }
    }

    [Fact]
    public async Task ToolArguments_StayAsTheModelWroteThem()
    {
        await using var upstream = await FakeService.StartAsync();
        upstream.Answer = _ => (200, Completion("""
            {"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{'a': 1,}"}}]},"finish_reason":"tool_calls"}
            """));
        await using var host = await HostAsync(upstream, "openai-chat");
        var body = ChatClient.Body("Call");
        body["response_format"] = JsonNode.Parse("""{"type":"json_object"}""");
        body["plugins"] = JsonNode.Parse("""[{"id":"response-healing"}]""");
        body["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]""");

        var reply = await host.ChatAsync(body);

        Assert.Equal("{'a': 1,}", (string?)reply.Json["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]);
    }
}
