using System.Text;
using Fairlead.Protocols.Amazon.Bedrock;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Amazon;

public sealed class ConverseAnswerTests
{
    private static readonly UpstreamTarget Nova = Target(UpstreamProtocol.Bedrock, "us.amazon.nova-2-lite-v1:0");

    [Theory]
    [InlineData("end_turn", FinishReason.Stop)]
    [InlineData("stop_sequence", FinishReason.Stop)]
    [InlineData("max_tokens", FinishReason.Length)]
    [InlineData("model_context_window_exceeded", FinishReason.Length)]
    [InlineData("tool_use", FinishReason.Stop)] // without a call
    [InlineData("guardrail_intervened", FinishReason.ContentFilter)]
    [InlineData("content_filtered", FinishReason.ContentFilter)]
    [InlineData("malformed_model_output", FinishReason.Error)]
    [InlineData("malformed_tool_use", FinishReason.Error)]
    [InlineData("yet_to_come", FinishReason.Stop)]
    public void EveryStopReason_HasItsFinish(string native, FinishReason finish)
    {
        var reading = Read($$$"""{"output":{"message":{"role":"assistant","content":[{"text":"x"}]}},"stopReason":"{{{native}}}","usage":{"inputTokens":1,"outputTokens":1}}""");
        Assert.Equal((finish, native), (reading.Finish, reading.NativeFinish));
    }

    [Fact]
    public void Usage_CacheReadsAndWritesAreOnTopOfTheInput()
    {
        var usage = Read("""
            {"output":{"message":{"content":[{"text":"x"}]}},"stopReason":"end_turn",
             "usage":{"inputTokens":400,"outputTokens":7,"cacheReadInputTokens":20000,"cacheWriteInputTokens":300,"cacheDetails":[{"ttl":"1h","inputTokens":100},{"ttl":"5m","inputTokens":200}]}}
            """).Usage!.Value;
        Assert.Equal((20_700, 7, 20_000, 300, 100), (usage.PromptTokens, usage.CompletionTokens, usage.CachedTokens, usage.CacheWriteTokens, usage.CacheWrite1hTokens));
    }

    [Theory]
    [InlineData("ValidationException:http://internal/", 400, "Input is too long for requested model.", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData("ValidationException", 400, "Invocation of model ID x with on-demand throughput isn't supported.", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData("ValidationException", 400, "bad", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData("AccessDeniedException", 403, "no access", ErrorKind.PermissionDenied, RetryClass.Credentials)]
    [InlineData("ExpiredTokenException", 403, "expired", ErrorKind.Authentication, RetryClass.Credentials)]
    [InlineData("ThrottlingException", 429, "slow down", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData("ServiceQuotaExceededException", 400, "quota", ErrorKind.RateLimitExceeded, RetryClass.RateLimited)]
    [InlineData("ModelErrorException", 424, "model", ErrorKind.ProviderUnavailable, RetryClass.Next)]
    [InlineData("ServiceUnavailableException", 503, "busy", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    public void Exceptions_AreClassifiedByTheirType(string type, int status, string message, ErrorKind kind, RetryClass retry)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"message":"{{message}}"}""");
        var failure = BedrockDialect.Instance.ReadFailure(status, name => name == "x-amzn-errortype" ? type : null, body);
        Assert.Equal((kind, retry), (failure.Kind, failure.Retry));
        Assert.Equal(type.Split(':')[0], failure.ProviderCode);
    }

    [Fact]
    public void ExceptionInTheStream_IsAFailure_AndUnknownEventsAreNot()
    {
        var reader = BedrockDialect.Instance.CreateEventReader(Nova);
        var events = new List<AnswerEvent>();
        Assert.Equal(StreamStep.Continue, reader.Read("yetToCome"u8, "{}"u8, events));
        Assert.Empty(events);
        Assert.Equal(StreamStep.End, reader.Read("modelStreamErrorException"u8, """{"message":"m","originalMessage":"the model broke"}"""u8, events));
        Assert.Equal("the model broke", Assert.IsType<AnswerFailed>(Assert.Single(events)).Failure.Message);
        Assert.False(reader.Complete(events));
    }

    private static AnswerReading Read(string body) => BedrockDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Nova);
}
