using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.Responses.Upstream;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Responses;

/// <summary>What answers, streams and errors of Responses become.</summary>
public sealed class ResponsesAnswerTests
{
    private static readonly UpstreamTarget Model = Target(UpstreamProtocol.OpenAIResponses, "gpt-5-pro") with { Provider = "openai" };

    private const string Created = """{"type":"response.created","response":{"id":"resp_1","model":"m"}}""";
    private const string Text = """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}""";
    private const string Call = """{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":""}}""";

    private static AnswerReading Read(string body) => ResponsesDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Model);

    private static (List<AnswerEvent> Events, bool Finished, StreamStep Last) Stream(params string[] payloads) => ResponsesDialect.Instance.Stream(Model, payloads);

    private static string End(string status = "completed", string more = "") =>
        $$$"""{"type":"response.{{{status}}}","response":{"id":"resp_1","status":"{{{status}}}"{{{more}}}}}""";

    private static UpstreamFailure FailureOf(params string[] payloads) => Assert.Single(Stream(payloads).Events.OfType<AnswerFailed>()).Failure;

    [Theory]
    [InlineData("completed", null, FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("incomplete", "max_output_tokens", FinishReason.Length, FinishReason.Length)]
    [InlineData("incomplete", "content_filter", FinishReason.ContentFilter, FinishReason.ContentFilter)]
    [InlineData("incomplete", "something_new", FinishReason.Stop, FinishReason.ToolCalls)]
    public void Finish_EveryWord_WithAndWithoutCalls(string status, string? reason, FinishReason plain, FinishReason withCall)
    {
        var end = End(status, reason is null ? "" : $$""","incomplete_details":{"reason":"{{reason}}"}""");
        Assert.Equal(new AnswerFinished(plain, reason ?? status), FinishOf(Stream(Created, Text, end).Events));
        Assert.Equal(new AnswerFinished(withCall, reason ?? status), FinishOf(Stream(Created, Call, end).Events));
    }

    [Fact]
    public void Usage_CountsCachesReasoningAndSearches()
    {
        var usage = Read("""
            {"status":"completed","output":[{"type":"web_search_call","id":"ws"},{"type":"message","content":[{"type":"output_text","text":"x"}]}],
             "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":16}}
            """).Usage;
        Assert.Equal(new Usage { PromptTokens = 9, CachedTokens = 4, CacheWriteTokens = 2, CompletionTokens = 7, ReasoningTokens = 5, WebSearchRequests = 1 }, usage);
        Assert.Null(Read("""{"status":"completed","output":[],"usage":{}}""").Usage);
    }

    [Fact]
    public void Calls_GoByTheirCallId_AndWholesDoNotRepeatPieces()
    {
        var (events, _, _) = Stream(
            Created, Call,
            """{"type":"response.output_item.added","output_index":4,"item":{"type":"function_call","id":"fc_2","call_id":"call_2","name":"g","arguments":""}}""",
            """{"type":"response.function_call_arguments.delta","item_id":"another","output_index":1,"delta":"{\"x\""}""",
            """{"type":"response.function_call_arguments.delta","output_index":1,"delta":":1}"}""",
            """{"type":"response.function_call_arguments.done","output_index":4,"arguments":""}""",
            """{"type":"response.output_item.done","output_index":4,"item":{"type":"function_call","call_id":"call_2","name":"g","arguments":""}}""",
            """{"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"x\":1}"}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"call_1","name":"f","arguments":"{\"x\":1}"}}""",
            """{"type":"response.output_item.done","output_index":5,"item":{"type":"function_call","call_id":"call_2","name":"h","arguments":"{\"y\":2}"}}""",
            End());
        var calls = CallsOf(events);
        Assert.Equal(["0 call_1 f {\"x\":1}", "1 call_2 g {}"], calls[..2]);
        Assert.Matches("^2 call_[0-9A-Za-z]{24} h {\"y\":2}$", calls[2]); // a repeated id is not kept
    }

    [Fact]
    public void Reasoning_IsSummaryAndEncryptedBlocks_OfOneId()
    {
        var (events, _, _) = Stream(
            Created,
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"not yet","summary":[]}}""",
            """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"one"}""",
            """{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"one"}""",
            """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"tw"}""",
            """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"o"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"gAAA\u002b/=","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}]}}""",
            End());
        Assert.Equal(
            ["reasoning.summary rs_1 0 one", "reasoning.summary rs_1 0 \n\ntw", "reasoning.summary rs_1 0 o", "reasoning.encrypted rs_1 0 gAAA+/="],
            events.OfType<ReasoningDelta>().Select(e => e.Detail).Select(d => $"{d.Type} {d.Id} {d.Index} {d.Summary}{d.Data}"));
        Assert.All(events.OfType<ReasoningDelta>(), e => Assert.Equal("openai-responses-v1", e.Detail.Format));
    }

    [Fact]
    public void ReasoningOfOpenModels_IsText() => Assert.Equal("ab", ReasoningOf(Stream(
        Created,
        """{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"a"}""",
        """{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"b"}""",
        """{"type":"response.reasoning_text.done","output_index":0,"content_index":0,"text":"ab"}""",
        End()).Events));

    [Fact]
    public void Citations_CountFromTheirPart_AndAreToldOnce()
    {
        var (events, _, _) = Stream(
            Created,
            """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"first "}""",
            """{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"second"}""",
            """{"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":6}}""",
            """{"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"file_citation","file_id":"f","index":2}}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"second","annotations":[{"type":"url_citation","url":"https://a.example","title":"A","start_index":0,"end_index":6}]}]}}""",
            """{"type":"response.output_item.done","output_index":2,"item":{"type":"message","content":[{"type":"output_text","text":"!","annotations":[{"type":"url_citation","url":"https://b.example"}]}]}}""",
            End());
        Assert.Equal("first second!", TextOf(events));
        Assert.Equal(
            [new UrlCitation("https://a.example", "A", null, 6, 12), new UrlCitation("https://b.example", "", null, 0, 0)],
            events.OfType<UrlCitation>());
    }

    [Fact]
    public void RefusalsAndImages_AreKept()
    {
        var events = Stream(
            Created,
            """{"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"I "}""",
            """{"type":"response.refusal.delta","output_index":0,"content_index":0,"delta":"won't"}""",
            """{"type":"response.refusal.done","output_index":0,"content_index":0,"refusal":"I won't"}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"image_generation_call","output_format":"webp","result":"AAAA"}}""",
            End()).Events;
        Assert.Equal("I won't", string.Concat(events.OfType<RefusalDelta>().Select(e => e.Text)));
        Assert.Equal("data:image/webp;base64,AAAA", Assert.Single(events.OfType<ImageProduced>()).Url);
        Assert.Equal(FinishReason.Stop, FinishOf(events).Reason);
    }

    [Fact]
    public void OnlyTheEndCame_TheItemsInItAreTheAnswer()
    {
        var (events, finished, _) = Stream(End(more: ""","output":[{"type":"message","content":[{"type":"output_text","text":"all"}]}]"""));
        Assert.True(finished);
        Assert.Equal("all", TextOf(events));
    }

    [Fact]
    public void StreamWithoutItsEnd_IsNotFinished()
    {
        Assert.False(Stream(Created, Text).Finished);
        Assert.False(Stream(Created, Text, "[DONE]").Finished);
    }

    [Fact]
    public void ToolsThatRunThere_AndUnknownEvents_AreNoCalls()
    {
        var (events, finished, last) = Stream(
            Created,
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"custom_tool_call","call_id":"c","name":"x_search","input":"q"}}""",
            """{"type":"response.something.new","output_index":0}""",
            """{"type":"keepalive"}""",
            End());
        Assert.Equal((true, StreamStep.End), (finished, last));
        Assert.Empty(events.OfType<ToolCallStarted>());
        Assert.Equal(FinishReason.Stop, FinishOf(events).Reason);
    }

    [Theory]
    [InlineData("server_error", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData("something_new", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData("rate_limit_exceeded", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData("invalid_prompt", ErrorKind.InvalidPrompt, RetryClass.NextOnce)]
    [InlineData("bio_policy", ErrorKind.ContentPolicyViolation, RetryClass.NextModel)]
    [InlineData("image_content_policy_violation", ErrorKind.ContentPolicyViolation, RetryClass.NextModel)]
    [InlineData("data_residency_mismatch", ErrorKind.PermissionDenied, RetryClass.Next)]
    [InlineData("vector_store_timeout", ErrorKind.Timeout, RetryClass.Next)]
    [InlineData("invalid_image_format", ErrorKind.InvalidImage, RetryClass.NextOnce)]
    [InlineData("failed_to_download_image", ErrorKind.ImageDownloadFailed, RetryClass.NextOnce)]
    [InlineData("context_length_exceeded", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    public void ErrorsInBand_GoByTheirCode(string code, ErrorKind kind, RetryClass retry)
    {
        var said = $$"""{"code":"{{code}}","message":"said"}""";
        foreach (var failure in (UpstreamFailure[])[
            FailureOf(Created, $$$"""{"type":"response.failed","response":{"status":"failed","error":{{{said}}}}}"""),
            FailureOf(Created, $$"""{"type":"error","code":"{{code}}","message":"said","param":null,"sequence_number":3}"""),
            FailureOf(Created, $$$"""{"type":"error","error":{{{said}}}}"""),
            Read($$"""{"status":"failed","error":{{said}},"output":[]}""").Failure!])
        {
            Assert.Equal((kind, retry, code, "said", 200), (failure.Kind, failure.Retry, failure.ProviderCode, failure.Message, failure.Status));
        }
    }

    [Fact]
    public void AnswersGivenUp_AreFailures()
    {
        Assert.Equal(RetryClass.Next, FailureOf(Created, """{"type":"response.cancelled","response":{"status":"cancelled"}}""").Retry);
        Assert.Equal(RetryClass.Next, Read("""{"status":"failed","output":[]}""").Failure!.Retry);
        Assert.NotNull(Read("""{"status":"queued","output":[]}""").Failure);
        Assert.NotNull(Read("""{"choices":[]}""").Failure);
        Assert.NotNull(Read("<html>").Failure);
    }

    [Fact]
    public void EncryptedContentOfAnother_IsABadSignature()
    {
        var body = """{"error":{"message":"The encrypted content gAAA could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}}""";
        var failure = ResponsesDialect.Instance.ReadFailure(400, _ => null, Encoding.UTF8.GetBytes(body));
        Assert.True(failure.BadSignatures);
        Assert.Equal((ErrorKind.InvalidRequest, RetryClass.NextOnce), (failure.Kind, failure.Retry));
        Assert.False(ResponsesDialect.Instance.ReadFailure(400, _ => null, """{"error":{"message":"m","code":"unsupported_parameter"}}"""u8).BadSignatures);
    }
}
