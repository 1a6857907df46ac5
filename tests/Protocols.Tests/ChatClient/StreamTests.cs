using System.Buffers;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.Tests.ChatClient;

public sealed class StreamTests
{
    private const string Head = """{"id":"gen-1700000000-abcdefghijklmnopqrst","provider":"Some Provider","model":"author/model","object":"chat.completion.chunk","created":1700000000,""";
    private const string Open = Head + """ "choices":[{"index":0,"delta":{"role":"assistant",""";
    private const string Close = """},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}""";

    private static readonly GatewayError Cut = new() { Kind = ErrorKind.ProviderUnavailable, Message = "The stream ended early." };

    [Fact]
    public void EachEvent_HasItsChunk()
    {
        var chunks = Stream(
            [
                new AnswerStarted("up_1", "m"),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "think", Format = "anthropic-claude-v1", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Signature = "Sig/+=", Format = "anthropic-claude-v1", Index = 0 }),
                new TextDelta("Grüße \"<b>\"\n"),
                new RefusalDelta("no"),
                new ToolCallStarted(0, "call_1", "f"),
                new ToolCallArguments(0, "{\"a\":"),
                new ToolCallArguments(0, "1}"),
                new ImageProduced("data:image/png;base64,AAAA"),
                new UrlCitation("https://x", "t", null, 0, 5),
                new AnswerFinished(FinishReason.ToolCalls, "tool_use"),
            ]);

        Assert.Equal(
            [
                Open + """ "content":"","reasoning":"think","reasoning_details":[{"type":"reasoning.text","text":"think","format":"anthropic-claude-v1","index":0}]""" + Close,
                Open + """ "content":"","reasoning_details":[{"type":"reasoning.text","signature":"Sig/+=","format":"anthropic-claude-v1","index":0}]""" + Close,
                Open + """ "content":"Grüße \"<b>\"\n" """ + Close,
                Open + """ "content":"","refusal":"no" """ + Close,
                Open + """ "content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]""" + Close,
                Open + """ "content":null,"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]""" + Close,
                Open + """ "content":null,"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]""" + Close,
                Open + """ "content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"},"index":0}]""" + Close,
                Open + """ "content":"","annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"t","start_index":0,"end_index":5}}]""" + Close,
                Open + """ "content":""},"finish_reason":"tool_calls","native_finish_reason":"tool_use","logprobs":null}]}""",
                Head + """
                     "choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"cost":0.00001234,"is_byok":false,
                     "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},
                     "cost_details":{"upstream_inference_cost":0.00001234,"upstream_inference_prompt_cost":0.000001,"upstream_inference_completions_cost":0.00001134},
                     "completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"image_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
                     """,
                "[DONE]",
            ],
            chunks,
            SameJson);
    }

    [Fact]
    public void FactsForSettlement_AreGathered()
    {
        var usage = new Usage { PromptTokens = 3, CompletionTokens = 4 };
        var upstream = new ScriptedUpstream(
            [new AnswerStarted("up_1", "m"), new PromptUsageReported(new Usage { PromptTokens = 3 })],
            [new TextDelta("Hello")],
            [new ImageProduced("data:image/png;base64,AAAA")],
            [new UsageReported(default), new UsageReported(usage), new AnswerFinished(FinishReason.Stop, "end_turn")]);
        var translator = Translator(upstream);
        var output = new ArrayBufferWriter<byte>();

        translator.Translate(default, default, output);
        Assert.Equal((false, false, 0), (translator.HasContent, translator.HasOutput, output.WrittenCount));
        Assert.Equal("up_1", translator.UpstreamId);
        Assert.Equal(3, translator.PromptUsage!.Value.PromptTokens);
        Assert.Null(translator.Usage);
        translator.Translate(default, default, output);
        Assert.Equal((true, true), (translator.HasContent, translator.HasOutput));
        translator.Translate(default, default, output);
        Assert.Equal(StreamStep.End, translator.Translate(default, default, output));
        Assert.Equal((usage, FinishReason.Stop, "end_turn", 1), (translator.Usage, translator.Finish, translator.NativeFinish, translator.Images));
        Assert.True(translator.Complete(output));
        Assert.Equal(1 + Fairlead.Protocols.Tokens.OutputMeter.TokensPerImage, translator.Meter.Count());
        translator.Release();
    }

    [Theory]
    [InlineData(FinishReason.Stop, true, "tool_calls")]
    [InlineData(FinishReason.ToolCalls, false, "stop")]
    [InlineData(FinishReason.Length, true, "length")]
    [InlineData(FinishReason.ContentFilter, true, "content_filter")]
    public void Finish_AgreesWithTheCalls(FinishReason said, bool hasCall, string written)
    {
        var chunks = Stream([hasCall ? new ToolCallStarted(0, "c", "f") : new TextDelta("x"), new AnswerFinished(said, "raw")]);
        Assert.Equal(written, (string?)JsonNode.Parse(chunks[1])!["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public void CallNumbers_CountFromZeroInOrderOfAppearance()
    {
        var chunks = Stream(
            [
                new ToolCallStarted(1, "a", "f"), new ToolCallArguments(1, "{}"), new ToolCallStarted(4, "b", "g"), new ToolCallArguments(4, "[]"),
                new ToolCallArguments(9, "lost"), new AnswerFinished(FinishReason.ToolCalls, null),
            ]);
        Assert.Equal([0, 0, 1, 1], chunks.Take(4).Select(c => (int)JsonNode.Parse(c)!["choices"]![0]!["delta"]!["tool_calls"]![0]!["index"]!));
        Assert.Equal(7, chunks.Count);
    }

    [Fact]
    public void ContentAfterTheAnnouncedFinish_StillComesBeforeTheFinishChunk()
    {
        var chunks = Stream([new TextDelta("a"), new AnswerFinished(FinishReason.Stop, "x")], [new AnswerFinished(FinishReason.Length, "y"), new TextDelta("b")]);
        Assert.Equal("b", (string?)JsonNode.Parse(chunks[1])!["choices"]![0]!["delta"]!["content"]);
        Assert.Equal("stop", (string?)JsonNode.Parse(chunks[2])!["choices"]![0]!["finish_reason"]);
        Assert.Single(chunks, c => c.Contains("\"finish_reason\":\"", StringComparison.Ordinal));
    }

    [Fact]
    public void HiddenReasoning_IsCountedButNotShown_EncryptedBlocksStay()
    {
        var upstream = new ScriptedUpstream(
            [
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Text = "secret thought", Index = 0 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.summary", Summary = "secret sum", Index = 1 }),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Data = "enc", Index = 2 }),
                new AnswerFinished(FinishReason.Stop, null),
            ]);
        var translator = Translator(upstream, Chat.Identity with { ExcludeReasoning = true });
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        translator.Complete(output);

        Assert.DoesNotContain("secret", Chat.Text(output), StringComparison.Ordinal);
        Assert.Contains("\"data\":\"enc\"", Chat.Text(output), StringComparison.Ordinal);
        Assert.True(translator.HasOutput);
        Assert.True(translator.Meter.Count() >= 4);
    }

    [Fact]
    public void StreamWithoutFinish_IsNotComplete()
    {
        var translator = Translator(new ScriptedUpstream([new TextDelta("half")]) { IsCut = true });
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        Assert.False(translator.Complete(output));

        translator.WriteFailure(Cut, output);
        translator.WriteFailure(Cut, output);
        translator.WriteFinish(FinishReason.Length, output);
        translator.WriteEnd(Chat.Charge, output);
        var chunks = Chat.Events(Chat.Text(output));
        Assert.Equal(3, chunks.Count);
        AssertSameJson(
            Head + """
                "error":{"code":502,"message":"The stream ended early.","metadata":{"error_type":"provider_unavailable"}},
                "choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"error","native_finish_reason":null}]}
                """,
            chunks[1]);
        Assert.Equal("[DONE]", chunks[2]);
    }

    [Fact]
    public void FinishThatIsAnError_IsSaidByTheErrorChunkAlone()
    {
        var translator = Translator(new ScriptedUpstream([new TextDelta("half"), new AnswerFinished(FinishReason.Error, "OTHER")]));
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        translator.WriteFinish(FinishReason.Length, output);
        Assert.True(translator.Complete(output));
        Assert.Equal(FinishReason.Error, translator.Finish);
        Assert.Single(Chat.Events(Chat.Text(output)));

        translator.WriteFailure(Cut, output);
        var last = JsonNode.Parse(Chat.Events(Chat.Text(output))[1])!["choices"]![0]!;
        Assert.Equal(("error", "OTHER"), ((string?)last["finish_reason"], (string?)last["native_finish_reason"]));
    }

    [Fact]
    public void FailureInBand_IsReportedAndStopsTheAnswer()
    {
        var failure = new UpstreamFailure { Kind = ErrorKind.ProviderOverloaded, Retry = RetryClass.Next, Message = "busy" };
        var translator = Translator(new ScriptedUpstream([new TextDelta("a"), new AnswerFailed(failure), new TextDelta("b")], [new TextDelta("c")]));
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        translator.Translate(default, default, output);
        Assert.Same(failure, translator.Failure);
        Assert.False(translator.Complete(output));
        Assert.Single(Chat.Events(Chat.Text(output)));
    }

    [Fact]
    public void EarlyFinish_IsWrittenOnceAndEndsWithUsage()
    {
        var translator = Translator(new ScriptedUpstream([new TextDelta("a")], [new TextDelta("b")]));
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        translator.WriteFinish(FinishReason.Length, output);
        translator.Translate(default, default, output);
        translator.WriteEnd(Chat.Charge, output);
        var chunks = Chat.Events(Chat.Text(output));
        Assert.Equal(4, chunks.Count);
        Assert.Equal("length", (string?)JsonNode.Parse(chunks[1])!["choices"]![0]!["finish_reason"]);
        Assert.Equal("[DONE]", chunks[3]);
    }

    [Fact]
    public void ClosingPieces_AreWrittenAtTheEnd()
    {
        var upstream = new ScriptedUpstream([new ToolCallStarted(0, "c", "f"), new AnswerFinished(FinishReason.ToolCalls, null)]) { AtEnd = [new ToolCallArguments(0, "{}")] };
        var translator = Translator(upstream);
        var output = new ArrayBufferWriter<byte>();
        translator.Translate(default, default, output);
        Assert.True(translator.Complete(output));
        Assert.True(translator.Complete(output));
        Assert.Single(Chat.Events(Chat.Text(output)), c => c.Contains("\"arguments\":\"{}\"", StringComparison.Ordinal));
        Assert.Equal(3, Chat.Events(Chat.Text(output)).Count);
    }

    [Fact]
    public void LongText_IsMeteredWhole()
    {
        var text = string.Concat(Enumerable.Repeat("wörds 😀 ", 500));
        var translator = Translator(new ScriptedUpstream([new TextDelta(text)]));
        translator.Translate(default, default, new ArrayBufferWriter<byte>());
        Assert.Equal(Tokenizer.O200k.Count(System.Text.Encoding.UTF8.GetBytes(text)), translator.Meter.Count());
    }

    [Fact]
    public void HalfCharacters_DoNotBreakTheStream()
    {
        var chunks = Stream([new TextDelta("a\ud83d"), new TextDelta("\ude00b"), new AnswerFinished(FinishReason.Stop, null)]);
        Assert.All(chunks.SkipLast(1), c => Assert.NotNull(JsonNode.Parse(c)));
    }

    /// <summary>What <c>ChatStreamingResponseChunk</c> requires, and what clients cannot read when it is null (I-25).</summary>
    [Fact]
    public void EveryChunk_HasWhatClientsRequire()
    {
        var chunks = Stream([new TextDelta("a"), new ToolCallStarted(0, "c", "f"), new AnswerFinished(FinishReason.Stop, null)]);
        foreach (var chunk in chunks.SkipLast(1).Select(c => JsonNode.Parse(c)!.AsObject()))
        {
            Assert.Equal("chat.completion.chunk", (string?)chunk["object"]);
            Assert.IsType<long>(chunk["created"]!.GetValue<long>());
            Assert.True(chunk["id"] is JsonValue && chunk["model"] is JsonValue && chunk["choices"] is JsonArray);
            foreach (var never in new[] { "usage", "error", "system_fingerprint", "openrouter_metadata" })
                Assert.False(chunk.ContainsKey(never) && chunk[never] is null, never);
            foreach (var choice in chunk["choices"]!.AsArray().Select(c => c!.AsObject()))
            {
                Assert.True(choice.ContainsKey("delta") && choice.ContainsKey("finish_reason") && choice.ContainsKey("index"));
                Assert.False(choice["delta"]!.AsObject().ContainsKey("tool_calls") && choice["delta"]!["tool_calls"] is null);
            }
        }
    }

    private static StreamTranslator Translator(IUpstreamDialect upstream, AnswerIdentity? identity = null) =>
        ChatCompletionsDialect.Default.CreateStreamTranslator(upstream, Chat.Target, identity ?? Chat.Identity);

    /// <summary>Plays the script to its end and returns the payloads the client sees.</summary>
    private static List<string> Stream(params IReadOnlyList<AnswerEvent>[] script)
    {
        var translator = Translator(new ScriptedUpstream(script));
        var output = new ArrayBufferWriter<byte>();
        foreach (var _ in script)
            translator.Translate(default, default, output);
        Assert.True(translator.Complete(output));
        translator.WriteEnd(Chat.Charge, output);
        translator.Release();
        return Chat.Events(Chat.Text(output));
    }

    private static bool SameJson(string expected, string actual) =>
        expected == actual || (expected != "[DONE]" && JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)));

    private static void AssertSameJson(string expected, string actual) => Assert.True(SameJson(expected, actual), actual);
}
