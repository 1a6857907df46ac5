using System.Buffers;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class AnswerTests
{
    [Fact]
    public void PlainText_HasEveryMemberClientsExpect()
    {
        AssertSame(
            """
            {"id":"gen-1700000000-abcdefghijklmnopqrst","provider":"Some Provider","model":"author/model","object":"chat.completion","created":1700000000,
             "system_fingerprint":null,
             "choices":[{"index":0,"logprobs":null,"finish_reason":"stop","native_finish_reason":"native",
               "message":{"role":"assistant","content":"Hello","refusal":null,"reasoning":null}}],
             "usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"cost":0.00001234,"is_byok":false,
               "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},
               "cost_details":{"upstream_inference_cost":0.00001234,"upstream_inference_prompt_cost":0.000001,"upstream_inference_completions_cost":0.00001134},
               "completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"image_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
            """,
            Chat.Answer([new TextDelta("Hel"), new TextDelta("lo")]));
    }

    [Fact]
    public void Fragments_AreJoinedIntoBlocksAndCalls()
    {
        var answer = Chat.Answer(
            [
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "I ", Format = "anthropic-claude-v1", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "think", Format = "anthropic-claude-v1", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Signature = "sig", Format = "anthropic-claude-v1", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Data = "enc", Id = "call_a", Format = "google-gemini-v1", Index = 1 }),
                new ToolCallStarted(0, "call_a", "f"),
                new ToolCallStarted(1, "call_b", "g"),
                new ToolCallArguments(0, "{\"x\":"),
                new ToolCallArguments(1, "[]"),
                new ToolCallArguments(0, "1}"),
                new ImageProduced("data:image/png;base64,AA"),
                new UrlCitation("https://x", "t", "c", 1, 2),
            ]);

        AssertSame(
            """
            {"role":"assistant","content":null,"refusal":null,"reasoning":"I think",
             "reasoning_details":[{"type":"reasoning.text","text":"I think","signature":"sig","format":"anthropic-claude-v1","index":0},
               {"type":"reasoning.encrypted","data":"enc","id":"call_a","format":"google-gemini-v1","index":1}],
             "tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
               {"index":1,"id":"call_b","type":"function","function":{"name":"g","arguments":"[]"}}],
             "images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"},"index":0}],
             "annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"t","content":"c","start_index":1,"end_index":2}}]}
            """,
            answer["choices"]![0]!["message"]!);
        Assert.Equal("tool_calls", (string?)answer["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public void ExcludedReasoning_LeavesOnlyEncryptedBlocks()
    {
        var message = Chat.Answer(
            [
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "hidden", Signature = "s", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Data = "enc", Index = 1 }),
                new TextDelta("x"),
            ],
            identity: Chat.Identity with { ExcludeReasoning = true })["choices"]![0]!["message"]!;

        Assert.Null(message["reasoning"]);
        Assert.Equal("enc", (string?)Assert.Single(message["reasoning_details"]!.AsArray())!["data"]);
    }

    [Fact]
    public void EmptyAnswer_HasEmptyContentAndNoLists()
    {
        var answer = Chat.Answer([], FinishReason.None);
        var choice = answer["choices"]![0]!.AsObject();
        Assert.Equal("", (string?)choice["message"]!["content"]);
        Assert.True(choice.ContainsKey("finish_reason") && choice["finish_reason"] is null);
        Assert.Equal(["role", "content", "refusal", "reasoning"], choice["message"]!.AsObject().Select(m => m.Key));
    }

    [Theory]
    [InlineData("0.000000000001", "0.000000000001")]
    [InlineData("12.500000", "12.5")]
    [InlineData("0.000", "0")]
    [InlineData("3.000000000000", "3")]
    public void Cost_IsAPlainNumber(string cost, string written)
    {
        var output = new ArrayBufferWriter<byte>();
        ChatCompletionsDialect.Default.WriteAnswer(
            new AnswerReading { Events = [new TextDelta("x")] }, default, Chat.Identity,
            new AnswerCharge { Usage = default, Cost = decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture) }, output);
        Assert.Contains($"\"cost\":{written},", Chat.Text(output), StringComparison.Ordinal);
        Assert.DoesNotContain("cost_details", Chat.Text(output), StringComparison.Ordinal);
    }

    [Fact]
    public void SearchesOfTheProvider_AreShown()
    {
        var output = new ArrayBufferWriter<byte>();
        ChatCompletionsDialect.Default.WriteAnswer(
            new AnswerReading { Events = [] }, default, Chat.Identity, new AnswerCharge { Usage = new Usage { WebSearchRequests = 2 }, Cost = 0, IsByok = true }, output);
        var usage = JsonNode.Parse(output.WrittenSpan)!["usage"]!;
        Assert.Equal(2, (int)usage["server_tool_use"]!["web_search_requests"]!);
        AssertSame("{\"web_search_requests\":2}", usage["server_tool_use_details"]!);
        Assert.True((bool)usage["is_byok"]!);
    }

    private static void AssertSame(string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}
