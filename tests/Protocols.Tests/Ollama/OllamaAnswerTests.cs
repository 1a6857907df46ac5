using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Ollama;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Ollama;

/// <summary>What Ollama's answers, lines and errors become.</summary>
public sealed class OllamaAnswerTests
{
    private static readonly UpstreamTarget Model = Target(UpstreamProtocol.Ollama, "qwen3:8b");

    private static AnswerReading Read(string body) => OllamaDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Model);

    [Theory]
    [InlineData("stop", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("length", FinishReason.Length, FinishReason.Length)]
    [InlineData("load", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("unload", FinishReason.Stop, FinishReason.ToolCalls)]
    [InlineData("something_new", FinishReason.Stop, FinishReason.ToolCalls)]
    public void Finish_EveryWord_WithAndWithoutCalls(string word, FinishReason plain, FinishReason withCall)
    {
        var end = $$"""{"message":{"content":""},"done":true,"done_reason":"{{word}}"}""";
        var call = """{"message":{"content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}]},"done":false}""";
        Assert.Equal(new AnswerFinished(plain, word), FinishOf(OllamaDialect.Instance.Stream(Model, end).Events));
        Assert.Equal(new AnswerFinished(withCall, word), FinishOf(OllamaDialect.Instance.Stream(Model, call, end).Events));
        Assert.Equal((plain, word), (Read(end).Finish, Read(end).NativeFinish));
    }

    [Fact]
    public void Arguments_AreTheObjectAsText_EmptyOnesOnce()
    {
        var reading = Read("""
            {"message":{"tool_calls":[{"function":{"name":"a","arguments":{"x": [1, 2]}}},{"function":{"name":"b","arguments":{}}},{"function":{"name":"c"}},{"id":"i","function":{"name":"d","arguments":"{\"y\":1}"}}]},"done":true}
            """);
        var calls = CallsOf(reading.Events!);
        Assert.Equal(["a {\"x\":[1,2]}", "b {}", "c {}", "d {\"y\":1}"], calls.Select(call => string.Join(' ', call.Split(' ').Skip(2))));
        Assert.Equal("3 i d {\"y\":1}", calls[3]);
        Assert.Equal(4, calls.Select(call => call.Split(' ')[1]).Distinct().Count());
    }

    [Fact]
    public void Usage_WithoutThePromptsCount_IsTheAnswersAlone()
    {
        Assert.Equal(new Usage { PromptTokens = 26, CompletionTokens = 9 }, Read("""{"message":{"content":"x"},"done":true,"prompt_eval_count":26,"eval_count":9}""").Usage);
        Assert.Equal(new Usage { CompletionTokens = 500, PromptMissing = true }, Read("""{"message":{"content":"x"},"done":true,"eval_count":500}""").Usage);
        var uncounted = Read("""{"message":{"content":"x"},"done":true}""");
        Assert.Equal((null, "x"), (uncounted.Usage, uncounted.EmittedText));
    }

    [Fact]
    public void ErrorLine_AmidTheStream_IsAFailure()
    {
        var (events, finished, last) = OllamaDialect.Instance.Stream(Model, """{"message":{"content":"x"},"done":false}""", """{"error":"CUDA error: out of memory"}""");
        Assert.Equal((false, StreamStep.End), (finished, last));
        var failure = Assert.Single(events.OfType<AnswerFailed>()).Failure;
        Assert.Equal((ErrorKind.ProviderUnavailable, "CUDA error: out of memory"), (failure.Kind, failure.Message));
        Assert.NotNull(Read("""{"error":"x"}""").Failure);
        Assert.NotNull(Read("""{"message":{"content":"x"},"done":false}""").Failure);
    }

    [Fact]
    public void StreamWithoutItsLastLine_IsNotFinished() => Assert.False(OllamaDialect.Instance.Stream(Model, """{"message":{"content":"x"},"done":false}""").Finished);

    [Theory]
    [InlineData(404, "model \\\"x\\\" not found, try pulling it first", ErrorKind.NotFound, RetryClass.UnknownModel)]
    [InlineData(400, "the input length exceeds the context length", ErrorKind.ContextLengthExceeded, RetryClass.NextModel)]
    [InlineData(400, "does not support tools", ErrorKind.InvalidRequest, RetryClass.NextOnce)]
    [InlineData(500, "llama runner process has terminated", ErrorKind.ProviderUnavailable, RetryClass.NextOrSame)]
    [InlineData(503, "server busy", ErrorKind.ProviderOverloaded, RetryClass.Next)]
    public void Errors_AreClassified(int status, string message, ErrorKind kind, RetryClass retry)
    {
        var failure = OllamaDialect.Instance.ReadFailure(status, _ => null, Encoding.UTF8.GetBytes($$"""{"error":"{{message}}"}"""));
        Assert.Equal((kind, retry), (failure.Kind, failure.Retry));
        Assert.NotEmpty(failure.Message);
    }
}
