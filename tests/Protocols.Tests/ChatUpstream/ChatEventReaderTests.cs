using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.Tests.ChatUpstream;

public sealed class ChatEventReaderTests
{
    [Fact]
    public void Stream_BecomesCanonicalEvents()
    {
        var events = Read(
            out var complete,
            """{"id":"up-1","model":"grok","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"hm"}}]}""",
            """{"id":"up-1","model":"grok","choices":[{"index":0,"delta":{"content":"Hé\n"}}]}""",
            """{"id":"up-1","model":"grok","choices":[{"index":0,"delta":{"refusal":"no"}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c","function":{"name":"f","arguments":"{\"a\""}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":1}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":1,"end_index":2}}]}}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            """{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3}}""");
        Assert.True(complete);
        Assert.Equal(
            [
                new AnswerStarted("up-1", "grok"),
                new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = "unknown", Index = 0, Text = "hm" }),
                new TextDelta("Hé\n"),
                new RefusalDelta("no"),
                new ToolCallStarted(0, "c", "f"),
                new ToolCallArguments(0, "{\"a\""),
                new ToolCallArguments(0, ":1}"),
                new ImageProduced("data:image/png;base64,AA=="),
                new UrlCitation("https://a", "A", null, 1, 2),
                new AnswerFinished(FinishReason.ToolCalls, "stop"),
                new UsageReported(new Usage { PromptTokens = 2, CompletionTokens = 3 }),
            ],
            events);
    }

    [Fact]
    public void TokenEvents_ComeThroughTheTemplateAlike()
    {
        var events = Read(out _, ChatStreamEditorTests.Content("a"), ChatStreamEditorTests.Content("b\\n"), ChatStreamEditorTests.Content("c"));
        Assert.Equal([new AnswerStarted("up-1", "m"), new TextDelta("a"), new TextDelta("b\n"), new TextDelta("c")], events);
    }

    [Fact]
    public void CumulativeUsage_ReplacesTheOneBefore()
    {
        var usages = Read(
            out _,
            """{"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":2,"completion_tokens":1}}""",
            """{"choices":[{"index":0,"delta":{"content":"b"}}],"usage":{"prompt_tokens":2,"completion_tokens":1}}""",
            """{"choices":[{"index":0,"delta":{"content":"c"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":3}}""").OfType<UsageReported>();
        Assert.Equal([1L, 3L], usages.Select(u => u.Usage.CompletionTokens));
    }

    [Fact]
    public void HeldBackText_ComesBeforeTheFinish()
    {
        var events = Read(out var complete, ChatStreamEditorTests.Content("<thi"), """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
        Assert.True(complete);
        Assert.Equal([new TextDelta("<thi"), new AnswerFinished(FinishReason.Stop, "stop")], events.Skip(1));
    }

    [Fact]
    public void ErrorInBand_IsTheLastEvent()
    {
        var events = Read(out _, ChatStreamEditorTests.Content("a"), """{"error":{"message":"boom","code":429}}""");
        Assert.Equal("boom", Assert.IsType<AnswerFailed>(events[^1]).Failure.Message);
    }

    [Fact]
    public void StreamThatWasCut_IsIncomplete()
    {
        Read(out var complete, ChatStreamEditorTests.Content("a"));
        Assert.False(complete);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"choices\":[{")]
    public void BrokenEvent_IsUnreadable(string data) =>
        Assert.Equal(StreamStep.Unreadable, OpenAIChatDialect.Default.CreateEventReader(ChatRequestTests.AnyTarget).Read(default, Encoding.UTF8.GetBytes(data), []));

    private static List<AnswerEvent> Read(out bool complete, params string[] payloads)
    {
        var reader = OpenAIChatDialect.Default.CreateEventReader(ChatRequestTests.AnyTarget);
        var events = new List<AnswerEvent>();
        foreach (var payload in payloads)
            reader.Read(default, Encoding.UTF8.GetBytes(payload), events);
        complete = reader.Complete(events);
        return events;
    }
}
