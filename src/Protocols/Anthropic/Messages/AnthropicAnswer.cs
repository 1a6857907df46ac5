using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// Turns the blocks of one answer into events (providers contract §5.4, §5.5). A streamed block opens, grows and closes; a whole one opens with all
/// it has and closes. Blocks the gateway does not know, and those of the provider's own tools, pass without an event.
/// </summary>
internal sealed class AnthropicAnswer(List<AnswerEvent> events)
{
    // No answer has near as many blocks open or citations pending; past this they are ignored.
    private const int MostOpen = 1024;

    private readonly Dictionary<long, Block> open = [];
    private readonly CallIds ids = new();
    private readonly AnthropicUsage usage = new();
    private string? answerId;
    private int calls;
    private int thoughts;
    private int textLength;
    private long thoughtBytes;

    private enum Kind
    {
        Ignored,
        Text,
        Thinking,
        Call,
        JsonAnswer,
    }

    private sealed class Block(Kind kind)
    {
        public Kind Kind { get; } = kind;
        /// <summary>Number of the call or of the thought.</summary>
        public int Number { get; init; }
        public int TextStart { get; init; }
        /// <summary>Arguments that came whole when the block opened.</summary>
        public string? Input { get; init; }
        public bool HasArguments { get; set; }
        public List<(string Url, string Title, string? Cited)> Citations { get; } = [];
    }

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = events;

    /// <summary>The finish was announced.</summary>
    public bool Finished { get; private set; }

    /// <summary>A message begins.</summary>
    public void Start(JsonElement message)
    {
        var id = message.Text("id"u8);
        usage.Take(message.Member("usage"u8));
        if (answerId is not null)
        {
            // Said twice: the same message goes on; another one voids what was open (providers contract §5.5).
            if (id != answerId)
                open.Clear();
            answerId = id ?? answerId;
            return;
        }
        answerId = id ?? "";
        Events.Add(new AnswerStarted(id, message.Text("model"u8)));
    }

    /// <summary>Tells what the prompt cost, before the answer is complete.</summary>
    public void ReportPrompt()
    {
        if (usage.Seen)
            Events.Add(new PromptUsageReported(usage.Normalise(0)));
    }

    /// <summary>A block opens.</summary>
    public void OpenBlock(long index, JsonElement content)
    {
        CloseBlock(index);
        if (open.Count >= MostOpen)
            return;
        switch (content.Text("type"u8))
        {
            case "text":
                var text = new Block(Kind.Text) { TextStart = textLength };
                open[index] = text;
                Say(content.Text("text"u8));
                foreach (var citation in content.Items("citations"u8))
                    Cite(text, citation);
                break;
            case "thinking":
                open[index] = new Block(Kind.Thinking) { Number = thoughts };
                Think(thoughts, content.Text("thinking"u8));
                Sign(thoughts++, content.Text("signature"u8));
                break;
            case "redacted_thinking" when content.Text("data"u8) is { Length: > 0 } data:
                Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Format = ReasoningReplay.Anthropic, Index = thoughts++, Data = data }));
                break;
            case "tool_use":
                OpenCall(index, content);
                break;
            case "fallback" when content.Member("to"u8)?.Text("model"u8) is { } model:
                Events.Add(new UpstreamModelChanged(model));
                break;
            default:
                open[index] = new Block(Kind.Ignored);
                break;
        }
    }

    /// <summary>A block grows.</summary>
    public void Grow(long index, JsonElement delta)
    {
        var block = open.GetValueOrDefault(index);
        switch (delta.Text("type"u8))
        {
            case "text_delta":
                if (block is null or { Kind: Kind.Text }) // servers of the same format have left the opening out
                    Say(delta.Text("text"u8));
                break;
            case "thinking_delta":
                if (block is null)
                    open[index] = block = new Block(Kind.Thinking) { Number = thoughts++ };
                if (block.Kind == Kind.Thinking)
                    Think(block.Number, delta.Text("thinking"u8));
                break;
            case "signature_delta" when block is { Kind: Kind.Thinking }:
                Sign(block.Number, delta.Text("signature"u8));
                break;
            case "input_json_delta" when block is { Kind: Kind.Call or Kind.JsonAnswer }:
                AddArguments(block, delta.Text("partial_json"u8));
                break;
            case "citations_delta" when block is { Kind: Kind.Text } && delta.Member("citation"u8) is { } citation:
                Cite(block, citation);
                break;
        }
    }

    /// <summary>A block closes: arguments that never came are <c>{}</c>, and its citations know now where their text ends.</summary>
    public void CloseBlock(long index)
    {
        if (!open.Remove(index, out var block))
            return;
        if (block is { Kind: Kind.Call or Kind.JsonAnswer, HasArguments: false })
            AddArguments(block, block.Input ?? "{}");
        foreach (var (url, title, cited) in block.Citations)
            Events.Add(new UrlCitation(url, title, cited, block.TextStart, textLength));
    }

    /// <summary>Usage was reported again.</summary>
    public void TakeUsage(JsonElement? report) => usage.Take(report);

    /// <summary>The answer ends.</summary>
    public void Finish(string? stopReason, JsonElement? stopDetails)
    {
        if (Finished)
            return;
        Finished = true;
        CloseAll();
        if (stopReason == "refusal" && stopDetails?.Text("explanation"u8) is { Length: > 0 } explanation)
            Events.Add(new RefusalDelta(explanation));
        Events.Add(new AnswerFinished(ToFinish(stopReason), stopReason));
    }

    /// <summary>Closes what was left open, in order.</summary>
    public void CloseAll()
    {
        foreach (var index in open.Keys.Order().ToList())
            CloseBlock(index);
    }

    /// <summary>Adds what is known of the usage.</summary>
    public void ReportUsage()
    {
        if (usage.Seen)
            Events.Add(new UsageReported(usage.Normalise(thoughtBytes)));
    }

    // Providers contract §2.1 and P-02: calls decide between stop and tool_calls, nothing else is overridden.
    private FinishReason ToFinish(string? stopReason) => stopReason switch
    {
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "refusal" => FinishReason.ContentFilter,
        _ => calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
    };

    private void OpenCall(long index, JsonElement content)
    {
        var name = content.Text("name"u8) ?? "";
        var input = content.Member("input"u8) is { ValueKind: JsonValueKind.Object } whole && whole.EnumerateObject().Any() ? whole.Compact() : null;
        if (name == AnthropicOutputFormat.Tool)
        {
            open[index] = new Block(Kind.JsonAnswer) { Input = input };
            return;
        }
        open[index] = new Block(Kind.Call) { Number = calls, Input = input };
        Events.Add(new ToolCallStarted(calls++, ids.Next(content.Text("id"u8), answerId), name));
    }

    private void AddArguments(Block block, string? fragment)
    {
        if (string.IsNullOrEmpty(fragment))
            return;
        block.HasArguments = true;
        if (block.Kind == Kind.JsonAnswer)
            Say(fragment);
        else
            Events.Add(new ToolCallArguments(block.Number, fragment));
    }

    private void Say(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        textLength += text.Length;
        Events.Add(new TextDelta(text));
    }

    private void Think(int number, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;
        thoughtBytes += Encoding.UTF8.GetByteCount(text);
        Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = ReasoningReplay.Anthropic, Index = number, Text = text }));
    }

    private void Sign(int number, string? signature)
    {
        if (!string.IsNullOrEmpty(signature))
            Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = ReasoningReplay.Anthropic, Index = number, Signature = signature }));
    }

    // Citations without an address (of documents the caller sent) have no place in a chat answer.
    private static void Cite(Block block, JsonElement citation)
    {
        if (citation.Text("url"u8) is { Length: > 0 } url && block.Citations.Count < MostOpen)
            block.Citations.Add((url, citation.Text("title"u8) ?? "", citation.Text("cited_text"u8)));
    }
}
