using Fairlead.Gateway.Tests.Golden;

namespace Fairlead.Gateway.Tests.Messages;

/// <summary>A provider that mixes the pieces of its calls and text: the vendor's blocks come one after the other all the same (inference §12.3, providers §13).</summary>
public sealed class MixedBlocksTests(GoldenHost host) : IClassFixture<GoldenHost>
{
    [Fact]
    public async Task CallsInTurns_WithTextBetween_AreBlocksOneAfterTheOther()
    {
        const string Stream = """
            data: {"id":"a","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":""}}]}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"g","arguments":"{\"y\":"}}]}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{"content":"between"}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"2}"}}]}}]}

            data: {"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: {"id":"a","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}

            data: [DONE]


            """;
        host.Upstream.Play(new WireAnswer(200, "text/event-stream", CrLf: false, Stream), []);
        var reply = await host.Gateway.MessageAsync(MessagesClient.Body(stream: true, model: "openai/gpt-5-mini"));

        Assert.Equal(
            ["call_a {\"x\":1}", "call_b {\"y\":2}", "between"],
            reply.Message["content"]!.AsArray().Select(block => (string?)block!["text"] ?? $"{block["id"]} {block["input"]!.ToJsonString()}"));
        Assert.Equal("tool_use", (string?)reply.Message["stop_reason"]);
    }
}
