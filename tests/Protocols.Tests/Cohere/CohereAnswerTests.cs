using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Cohere;

/// <summary>What Cohere's answers, streams and errors become.</summary>
public sealed class CohereAnswerTests
{
    private static readonly UpstreamTarget Model = Target(UpstreamProtocol.Cohere, "command-a");

    private static AnswerReading Read(string body) => CohereDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Model);

    private static (List<AnswerEvent> Events, bool Finished, StreamStep Last) Stream(params string[] payloads) => CohereDialect.Instance.Stream(Model, payloads);

    private static string End(string reason) => $$$"""{"type":"message-end","delta":{"finish_reason":"{{{reason}}}"}}""";

    private static UpstreamFailure Failed(int status, string body) => CohereDialect.Instance.ReadFailure(status, _ => null, Encoding.UTF8.GetBytes(body));

    [Theory]
    [InlineData("COMPLETE", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("STOP_SEQUENCE", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("MAX_TOKENS", FinishReason.Length, FinishReason.Length)]
    [InlineData("TOOL_CALL", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("ERROR", FinishReason.Error, FinishReason.Error)]
    [InlineData("TIMEOUT", FinishReason.Error, FinishReason.Error)]
    [InlineData("SOMETHING_NEW", FinishReason.Stop, FinishReason.ToolCalls)]
    public void Finish_EveryWord_WithAndWithoutCalls(string word, FinishReason plain, FinishReason withCall)
    {
        var text = """{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"a"}}}}""";
        var call = """{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"c","function":{"name":"f","arguments":""}}}}}""";
        Assert.Equal(new AnswerFinished(plain, word), FinishOf(Stream(text, End(word)).Events));
        Assert.Equal(new AnswerFinished(withCall, word), FinishOf(Stream(call, End(word)).Events));
        Assert.Equal(plain, Read($$"""{"message":{"content":[{"type":"text","text":"a"}]},"finish_reason":"{{word}}"}""").Finish);
    }

    [Fact]
    public void Usage_IsWhatWasRead_AndWhatIsBilled()
    {
        var usage = Read("""{"message":{},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":39,"output_tokens":27},"tokens":{"input_tokens":1683,"output_tokens":62},"cached_tokens":992}}""").Usage;
        Assert.Equal(new Usage { PromptTokens = 1683, CompletionTokens = 62, CachedTokens = 992, BilledPromptTokens = 39, BilledCompletionTokens = 27 }, usage);
        Assert.Equal(
            new Usage { PromptTokens = 3, CompletionTokens = 2, BilledPromptTokens = 3, BilledCompletionTokens = 2 },
            Read("""{"message":{},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":3,"output_tokens":2}}}""").Usage);
        Assert.Null(Read("""{"message":{},"finish_reason":"COMPLETE","usage":{}}""").Usage);
    }

    [Fact]
    public void CallsWithoutArguments_AreEmptyObjectsExactlyOnce()
    {
        var (events, _, _) = Stream(
            """{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"a","function":{"name":"f","arguments":""}}}}}""",
            """{"type":"tool-call-end","index":0}""",
            """{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"b","function":{"name":"g","arguments":"null"}}}}}""",
            """{"type":"tool-call-end","index":1}""",
            """{"type":"tool-call-start","index":2,"delta":{"message":{"tool_calls":{"id":"b","function":{"name":"h","arguments":""}}}}}""",
            """{"type":"tool-call-delta","index":2,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\"x\":1}"}}}}}""",
            End("TOOL_CALL"));
        var calls = CallsOf(events);
        Assert.Equal(["0 a f {}", "1 b g {}"], calls[..2]);
        Assert.Matches("^2 call_[0-9A-Za-z]{24} h {\"x\":1}$", calls[2]); // a repeated id is not kept
    }

    [Fact]
    public void PlanIsASummary_ThoughtIsText_EachABlock()
    {
        var (events, _, _) = Stream(
            """{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"thinking","thinking":"a"}}}}""",
            """{"type":"content-delta","index":0,"delta":{"message":{"content":{"thinking":"b"}}}}""",
            """{"type":"tool-plan-delta","delta":{"message":{"tool_plan":"c"}}}""",
            End("COMPLETE"));
        Assert.Equal(
            ["reasoning.text 0 ab", "reasoning.summary 1 c"],
            events.OfType<ReasoningDelta>().Select(e => e.Detail).GroupBy(d => (d.Type, d.Index)).Select(g => $"{g.Key.Type} {g.Key.Index} {string.Concat(g.Select(d => d.Text + d.Summary))}"));
    }

    [Fact]
    public void Citations_WithAnAddress_CountTheCallersCharacters()
    {
        var reading = Read("""
            {"message":{"content":[{"type":"text","text":"👋 see this"}],"citations":[
              {"start":2,"end":5,"text":"see","type":"TEXT_CONTENT","sources":[{"type":"document","id":"d","document":{"id":"d","title":"T","url":"https://a.example/x"}},{"type":"document","document":{"id":"e","text":"no address"}}]},
              {"start":0,"end":1,"text":"x","type":"PLAN","sources":[{"type":"tool","tool_output":{"url":"https://b.example"}}]}]},
             "finish_reason":"COMPLETE"}
            """);
        Assert.Equal([new UrlCitation("https://a.example/x", "T", "see", 3, 6)], reading.Events!.OfType<UrlCitation>());
    }

    [Fact]
    public void StreamWithoutItsEnd_IsNotFinished() => Assert.False(Stream("""{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"a"}}}}""").Finished);

    [Fact]
    public void UnknownEvents_AndTheTerminatorOfOthers_ArePassed()
    {
        var (events, finished, last) = Stream("""{"type":"debug","prompt":"x"}""", """{"type":"citation-end","index":0}""", End("COMPLETE"), "[DONE]");
        Assert.True(finished);
        Assert.Equal(StreamStep.End, last);
        Assert.Single(events);
    }

    [Fact]
    public void ErrorAtTheEnd_IsAFailure()
    {
        var failure = Assert.Single(Stream("""{"type":"message-end","delta":{"finish_reason":"TIMEOUT","error":"took too long"}}""").Events.OfType<AnswerFailed>()).Failure;
        Assert.Equal((ErrorKind.Timeout, "took too long"), (failure.Kind, failure.Message));
        Assert.Equal("oops", Read("""{"id":"a","message":"oops"}""").Failure!.Message);
        Assert.Equal("oops", Assert.Single(Stream("""{"message":"oops"}""").Events.OfType<AnswerFailed>()).Failure.Message);
    }

    [Theory]
    [InlineData(400, "too many tokens: total number of tokens in the prompt cannot exceed 10", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, "invalid request", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData(401, "invalid api token", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData(404, "model 'x' not found", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(422, "unknown field", ErrorKind.Unprocessable, RetryClass.NextOnce)]
    [InlineData(429, "You are past the per minute request limit", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData(429, "You are using a Trial key, which is limited to 1000 API calls / month.", ErrorKind.PaymentRequired, RetryClass.Credentials)]
    [InlineData(498, "blocked", ErrorKind.ContentPolicyViolation, RetryClass.Unmoderated)]
    [InlineData(499, "request cancelled", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(500, "internal server error", ErrorKind.ProviderUnavailable, RetryClass.NextOrSame)]
    [InlineData(501, "not implemented", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData(503, "unavailable", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    [InlineData(504, "timeout", ErrorKind.Timeout, RetryClass.Next)]
    public void Errors_AreClassified(int status, string message, ErrorKind kind, RetryClass retry)
    {
        var failure = Failed(status, $$"""{"id":"i","message":"{{message}}"}""");
        Assert.Equal((kind, retry, message), (failure.Kind, failure.Retry, failure.Message));
    }
}
