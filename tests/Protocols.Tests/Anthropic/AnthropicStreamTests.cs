using System.Text.Json;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicStreamTests
{
    private const string Start =
        """{"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}}""";

    private const string Stop = """{"type":"message_stop"}""";

    private static readonly UpstreamTarget Sonnet = Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5-20250929");

    private static (List<AnswerEvent> Events, bool Finished, StreamStep Last) Read(params string[] payloads) =>
        AnthropicMessagesDialect.Instance.Stream(Sonnet, payloads);

    private static string End(string reason, int output = 30) =>
        $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}","stop_sequence":null},"usage":{"output_tokens":{{{output}}}}}""";

    private static string OpenText(int index) => $$$"""{"type":"content_block_start","index":{{{index}}},"content_block":{"type":"text","text":""}}""";

    private static string Text(int index, string text) => $$$"""{"type":"content_block_delta","index":{{{index}}},"delta":{"type":"text_delta","text":"{{{text}}}"}}""";

    private static string OpenCall(int index, string id, string name) =>
        $$$$"""{"type":"content_block_start","index":{{{{index}}}},"content_block":{"type":"tool_use","id":"{{{{id}}}}","name":"{{{{name}}}}","input":{}}}""";

    private static string Arguments(int index, string json) =>
        $$$"""{"type":"content_block_delta","index":{{{index}}},"delta":{"type":"input_json_delta","partial_json":""" + JsonSerializer.Serialize(json) + "}}";

    private static string Close(int index) => $$$"""{"type":"content_block_stop","index":{{{index}}}}""";

    [Fact]
    public void PlainText_IsReadWithIdsUsageAndFinish()
    {
        var (events, finished, last) = Read(Start, OpenText(0), """{"type":"ping"}""", Text(0, "Hel"), Text(0, "lo"), Close(0), End("end_turn"), Stop);

        Assert.True(finished);
        Assert.Equal(StreamStep.End, last);
        Assert.Equal(new AnswerStarted("msg_1", "claude-sonnet-4-5-20250929"), events[0]);
        Assert.Equal("Hello", TextOf(events));
        Assert.Equal(new AnswerFinished(FinishReason.Stop, "end_turn"), FinishOf(events));
        Assert.Equal((12, 30), (UsageOf(events).PromptTokens, UsageOf(events).CompletionTokens));
        Assert.Equal(12, Assert.Single(events.OfType<PromptUsageReported>()).Usage.PromptTokens);
    }

    [Theory]
    [InlineData("end_turn", FinishReason.Stop)]
    [InlineData("stop_sequence", FinishReason.Stop)]
    [InlineData("pause_turn", FinishReason.Stop)]
    [InlineData("max_tokens", FinishReason.Length)]
    [InlineData("model_context_window_exceeded", FinishReason.Length)]
    [InlineData("refusal", FinishReason.ContentFilter)]
    [InlineData("tool_use", FinishReason.Stop)] // no call present (P-02)
    [InlineData("something_new", FinishReason.Stop)]
    public void EveryStopReason_IsMappedAndKept(string native, FinishReason expected)
    {
        var (events, _, _) = Read(Start, OpenText(0), Text(0, "x"), Close(0), End(native), Stop);
        Assert.Equal(new AnswerFinished(expected, native), FinishOf(events));
    }

    [Fact]
    public void StopReasonEndTurnWithACall_IsToolCalls_ButLengthIsNotOverridden()
    {
        var call = new[] { Start, OpenCall(0, "toolu_1", "f"), Arguments(0, "{}"), Close(0) };
        Assert.Equal(FinishReason.ToolCalls, FinishOf(Read([.. call, End("end_turn"), Stop]).Events).Reason);
        Assert.Equal(FinishReason.Length, FinishOf(Read([.. call, End("max_tokens"), Stop]).Events).Reason);
    }

    [Fact]
    public void CallWithoutArguments_GetsEmptyObjectExactlyOnce()
    {
        var (events, _, _) = Read(Start, OpenCall(0, "toolu_1", "now"), Arguments(0, ""), Close(0), End("tool_use"), Stop);
        Assert.Equal(["0 toolu_1 now {}"], CallsOf(events));
        Assert.Single(events.OfType<ToolCallArguments>());
    }

    [Fact]
    public void TextThenTwoCallsInterleaved_NumbersCallsFromZero()
    {
        var (events, _, _) = Read(Start, OpenText(0), Text(0, "Let me look."), Close(0),
            OpenCall(1, "toolu_a", "f"), OpenCall(2, "toolu_b", "g"), Arguments(1, "{\"x\":"), Arguments(2, "{\"y\":2}"), Arguments(1, "1}"),
            Close(1), Close(2), End("tool_use"), Stop);
        Assert.Equal(["0 toolu_a f {\"x\":1}", "1 toolu_b g {\"y\":2}"], CallsOf(events));
        Assert.Equal(FinishReason.ToolCalls, FinishOf(events).Reason);
    }

    [Fact]
    public void InputGivenWholeAtTheStart_BecomesTheArguments()
    {
        var (events, _, _) = Read(Start, """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a": [1, "b c"]}}}""",
            Close(0), End("tool_use"), Stop);
        Assert.Equal(["0 t f {\"a\":[1,\"b c\"]}"], CallsOf(events));
    }

    [Fact]
    public void RepeatedOrMissingCallIds_AreReplaced_TheSameWayEveryTime()
    {
        string[] stream = [Start, OpenCall(0, "t", "f"), Close(0), OpenCall(1, "t", "f"), Close(1), OpenCall(2, "", "f"), Close(2), End("tool_use"), Stop];
        var ids = Read(stream).Events.OfType<ToolCallStarted>().Select(c => c.Id).ToList();
        Assert.Equal("t", ids[0]);
        Assert.Equal(3, ids.Distinct().Count());
        Assert.All(ids.Skip(1), id => Assert.Matches("^call_[0-9A-Za-z]{24}$", id));
        Assert.Equal(ids, Read(stream).Events.OfType<ToolCallStarted>().Select(c => c.Id));
    }

    [Fact]
    public void Thinking_KeepsSignatureByteForByte_AsItsOwnFragment()
    {
        var (events, _, _) = Read(Start, """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Er4B+/=="}}""", Close(0),
            """{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"OPAQUE="}}""", Close(1),
            OpenText(2), Text(2, "Yes"), Close(2), End("end_turn"), Stop);
        var details = events.OfType<ReasoningDelta>().Select(e => e.Detail).ToList();
        Assert.Equal(3, details.Count);
        Assert.All(details, d => Assert.Equal("anthropic-claude-v1", d.Format));
        Assert.Equal(("reasoning.text", 0, "Hm", null), (details[0].Type, details[0].Index, details[0].Text, details[0].Signature));
        Assert.Equal(("reasoning.text", 0, null, "Er4B+/=="), (details[1].Type, details[1].Index, details[1].Text, details[1].Signature));
        Assert.Equal(("reasoning.encrypted", 1, "OPAQUE="), (details[2].Type, details[2].Index, details[2].Data));
    }

    [Fact]
    public void CumulativeUsage_OverwritesFieldByField()
    {
        var (events, _, _) = Read("""{"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":43,"cache_read_input_tokens":20000,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},"output_tokens":1}}}""",
            OpenText(0), Text(0, "x"), Close(0),
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":61,"output_tokens":50,"output_tokens_details":{"thinking_tokens":7},"server_tool_use":{"web_search_requests":2}}}""", Stop);
        var usage = UsageOf(events);
        Assert.Equal(61 + 20000 + 300, usage.PromptTokens);
        Assert.Equal((20000, 300, 200), (usage.CachedTokens, usage.CacheWriteTokens, usage.CacheWrite1hTokens));
        Assert.Equal((50, 7, 2), (usage.CompletionTokens, usage.ReasoningTokens, usage.WebSearchRequests));
    }

    [Fact]
    public void Iterations_AreSummed()
    {
        var (events, _, _) = Read(Start, OpenText(0), Text(0, "x"), Close(0),
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":412,"output_tokens":264,"iterations":[{"input_tokens":408,"output_tokens":0},{"input_tokens":412,"output_tokens":264,"cache_read_input_tokens":10}]}}""", Stop);
        Assert.Equal((830, 264, 10), (UsageOf(events).PromptTokens, UsageOf(events).CompletionTokens, UsageOf(events).CachedTokens));
    }

    [Fact]
    public void MessageStartTwice_IsIgnored_AndANewMessageVoidsOpenBlocks()
    {
        var (same, _, _) = Read(Start, Start, OpenText(0), Text(0, "Hello"), Close(0), End("end_turn"), Stop);
        Assert.Single(same.OfType<AnswerStarted>());
        Assert.Equal("Hello", TextOf(same));

        var (other, finished, _) = Read(Start, OpenCall(0, "toolu_first", "f"), Arguments(0, "{\"value\":\"Spark"),
            Start.Replace("msg_1", "msg_2", StringComparison.Ordinal), OpenCall(0, "toolu_second", "f"), Arguments(0, "{\"value\":1}"), Close(0), End("tool_use"), Stop);
        Assert.True(finished);
        Assert.Equal("1 toolu_second f {\"value\":1}", CallsOf(other)[1]);
    }

    [Fact]
    public void ErrorAsFirstEvent_IsAClassifiedFailure()
    {
        var (events, finished, last) = Read("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""");
        var failure = Assert.IsType<AnswerFailed>(Assert.Single(events)).Failure;
        Assert.Equal((ErrorKind.ProviderOverloaded, RetryClass.Next, "overloaded_error"), (failure.Kind, failure.Retry, failure.ProviderCode));
        Assert.Equal(StreamStep.End, last);
        Assert.False(finished);
    }

    [Fact]
    public void StreamCutBeforeTheFinish_IsNotComplete_ButMissingMessageStopIs()
    {
        Assert.False(Read(Start, OpenText(0), Text(0, "Hel")).Finished);
        Assert.True(Read(Start, OpenText(0), Text(0, "Hello"), Close(0), End("end_turn")).Finished);
    }

    [Fact]
    public void GarbageIsUnreadable_UnknownTypesAreNot()
    {
        Assert.Equal(StreamStep.Unreadable, Read(Start, "{\"type\":").Last);
        Assert.Equal(StreamStep.Unreadable, Read(Start, "[]").Last);
        Assert.True(Read(Start, """{"type":"brand_new","x":{}}""", OpenText(0), Text(0, "x"), Close(0), End("end_turn"), Stop).Finished);
    }

    [Fact]
    public void Refusal_PutsTheExplanationIntoRefusal()
    {
        var (events, _, _) = Read(Start, """{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"Blocked."}},"usage":{"output_tokens":5}}""", Stop);
        Assert.Equal("Blocked.", Assert.Single(events.OfType<RefusalDelta>()).Text);
        Assert.Equal(FinishReason.ContentFilter, FinishOf(events).Reason);
    }

    [Fact]
    public void CitationsGetTheOffsetsOfTheirTextBlock()
    {
        var (events, _, _) = Read(Start, OpenText(0), Text(0, "As said: "), Close(0), OpenText(1),
            """{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example","title":"A","cited_text":"it rains"}}}""",
            Text(1, "it rains"), Close(1), End("end_turn"), Stop);
        Assert.Equal(new UrlCitation("https://a.example", "A", "it rains", 9, 17), Assert.Single(events.OfType<UrlCitation>()));
    }

    [Fact]
    public void ServerToolBlocks_AreNotCalls()
    {
        var (events, _, _) = Read(Start, """{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}""",
            Arguments(0, "{\"query\":\"x\"}"), Close(0),
            """{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]}}""", Close(1),
            OpenText(2), Text(2, "done"), Close(2), End("end_turn"), Stop);
        Assert.Empty(events.OfType<ToolCallStarted>());
        Assert.Empty(events.OfType<ToolCallArguments>());
        Assert.Equal(FinishReason.Stop, FinishOf(events).Reason);
    }

    [Fact]
    public void FallbackBlock_NamesTheModelThatReallyAnswered()
    {
        var (events, _, _) = Read(Start, """{"type":"content_block_start","index":0,"content_block":{"type":"fallback","from":{"model":"claude-fable-5"},"to":{"model":"claude-opus-4-8"}}}""",
            Close(0), OpenText(1), Text(1, "x"), Close(1), End("end_turn"), Stop);
        Assert.Equal("claude-opus-4-8", Assert.Single(events.OfType<UpstreamModelChanged>()).UpstreamModel);
    }

    [Fact]
    public void ForcedJsonTool_ComesBackAsText()
    {
        var (events, _, _) = Read(Start, OpenCall(0, "toolu_1", AnthropicOutputFormat.Tool), Arguments(0, "{\"a\""), Arguments(0, ":1}"), Close(0), End("tool_use"), Stop);
        Assert.Equal("{\"a\":1}", TextOf(events));
        Assert.Empty(events.OfType<ToolCallStarted>());
        Assert.Equal(FinishReason.Stop, FinishOf(events).Reason);
    }

    [Fact]
    public void LoneSurrogatesInText_DoNotEndTheStream()
    {
        var (events, finished, _) = Read(Start, OpenText(0), Text(0, "a\\ud83dz"), Close(0), End("end_turn"), Stop);
        Assert.True(finished);
        Assert.Equal("a\ufffdz", TextOf(events));
    }
}
