using System.Text;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using static Fairlead.Protocols.Tests.Anthropic.Chat;

namespace Fairlead.Protocols.Tests.Anthropic;

public class AnthropicAnswerTests
{
    private static readonly UpstreamTarget Sonnet = Target(UpstreamProtocol.AnthropicMessages, "claude-sonnet-4-5");

    private static AnswerReading Read(string body) => AnthropicMessagesDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), Sonnet);

    [Fact]
    public void WholeAnswer_IsReadLikeItsStream()
    {
        var reading = Read("""
            {"id":"msg_1","type":"message","model":"claude-sonnet-4-5-20250929","role":"assistant","stop_reason":"tool_use","stop_sequence":null,
             "content":[{"type":"thinking","thinking":"Hm","signature":"S+/="},{"type":"redacted_thinking","data":"D"},{"type":"text","text":"Look: "},
              {"type":"text","text":"rain","citations":[{"type":"web_search_result_location","url":"https://a.example","title":"A","cited_text":"c","encrypted_index":"e"}]},
              {"type":"tool_use","id":"toolu_1","name":"f","input":{ "a": [1, 2] }},{"type":"tool_use","id":"toolu_2","name":"g","input":{}}],
             "usage":{"input_tokens":400,"cache_read_input_tokens":20000,"cache_creation_input_tokens":0,"output_tokens":50}}
            """);
        Assert.Null(reading.Failure);
        Assert.Equal(("msg_1", "claude-sonnet-4-5-20250929", FinishReason.ToolCalls, "tool_use"), (reading.UpstreamId, reading.UpstreamModel, reading.Finish, reading.NativeFinish));
        Assert.Equal("Look: rain", TextOf(reading.Events!));
        Assert.Equal(["0 toolu_1 f {\"a\":[1,2]}", "1 toolu_2 g {}"], CallsOf(reading.Events!));
        Assert.Equal(new UrlCitation("https://a.example", "A", "c", 6, 10), Assert.Single(reading.Events!.OfType<UrlCitation>()));
        Assert.Equal((20400, 20000, 50), (reading.Usage!.Value.PromptTokens, reading.Usage.Value.CachedTokens, reading.Usage.Value.CompletionTokens));
        Assert.Equal((false, 2), (reading.Empty, reading.ToolCalls));
        Assert.Null(reading.EmittedText);
    }

    [Theory]
    [InlineData("""{"input_tokens":5,"output_tokens":9,"cache_creation_input_tokens":300,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100},"server_tool_use":{"web_search_requests":2}}""", 305, 9, 300, 100, 2)]
    [InlineData("""{"input_tokens":5,"output_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100}}""", 305, 9, 300, 100, 0)]
    [InlineData("""{"input_tokens":-100,"output_tokens":9}""", -100, 9, 0, 0, 0)]
    [InlineData("""{"input_tokens":5,"output_tokens":"NaN"}""", 5, -1, 0, 0, 0)]
    [InlineData("""{"input_tokens":5,"output_tokens":1e400}""", 5, 1_000_000_000_000, 0, 0, 0)]
    public void Usage_KeepsCacheLifetimesAndSearchesApart_AndNonsenseRecognisable(string usage, long prompt, long completion, long written, long written1h, long searches)
    {
        var read = Read($$$"""{"id":"m","type":"message","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{{{usage}}}}""").Usage!.Value;
        Assert.Equal((prompt, completion, written, written1h, searches), (read.PromptTokens, read.CompletionTokens, read.CacheWriteTokens, read.CacheWrite1hTokens, read.WebSearchRequests));
    }

    [Fact]
    public void MissingUsage_LeavesTheTextToBeCounted()
    {
        var reading = Read("""{"id":"m","type":"message","content":[{"type":"thinking","thinking":"ab","signature":""},{"type":"text","text":"cd"},{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"end_turn"}""");
        Assert.Null(reading.Usage);
        Assert.Equal("abcdf{}", reading.EmittedText);
        Assert.Equal(FinishReason.ToolCalls, reading.Finish);
    }

    [Fact]
    public void RefusalWithoutContent_IsNotEmpty()
    {
        var reading = Read("""{"id":"m","type":"message","content":[],"stop_reason":"refusal","stop_details":{"explanation":"Blocked."},"usage":{"input_tokens":1,"output_tokens":1}}""");
        Assert.Equal((FinishReason.ContentFilter, false), (reading.Finish, reading.Empty));
        Assert.Equal("Blocked.", Assert.Single(reading.Events!.OfType<RefusalDelta>()).Text);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorKind.ProviderOverloaded)]
    [InlineData("""{"id":"m"}""", ErrorKind.ProviderUnavailable)]
    [InlineData("<html>", ErrorKind.ProviderUnavailable)]
    [InlineData("", ErrorKind.ProviderUnavailable)]
    public void WhatIsNoAnswer_IsAFailure(string body, ErrorKind kind) => Assert.Equal(kind, Read(body).Failure!.Kind);
}
