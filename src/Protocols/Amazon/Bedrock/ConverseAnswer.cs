using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>
/// Turns the blocks of one answer into events (providers contract §7.3, §7.4). A streamed block opens, grows and closes; a whole one opens with all it has and
/// closes. Blocks the gateway does not know pass without an event.
/// </summary>
internal sealed class ConverseAnswer(List<AnswerEvent> events)
{
    // No answer has near as many blocks open; past this they are ignored.
    private const int MostOpen = 1024;

    // What models that are not Anthropic's think comes without a family of its own (inference §7.3).
    private const string Format = "unknown";

    private readonly Dictionary<long, Block> open = [];
    private readonly CallIds ids = new();
    private int calls;
    private int thoughts;

    private sealed class Block
    {
        /// <summary>Number of the call, or −1.</summary>
        public int Call { get; set; } = -1;
        /// <summary>Number of the thought, or −1.</summary>
        public int Thought { get; set; } = -1;
        public bool HasArguments { get; set; }
    }

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = events;

    /// <summary>The finish was announced.</summary>
    public bool Finished { get; private set; }

    /// <summary>A message begins.</summary>
    public void Start() => Events.Add(new AnswerStarted(null, null));

    /// <summary>A whole block.</summary>
    public void Take(long index, JsonElement content)
    {
        if (content.Member("toolUse"u8) is { } call)
        {
            OpenCall(index, call);
            if (call.Member("input"u8) is { ValueKind: JsonValueKind.Object } input && input.EnumerateObject().Any())
                AddArguments(open[index], input.Compact());
        }
        else if (content.Member("reasoningContent"u8) is { } reasoning)
        {
            Think(index, reasoning.Member("reasoningText"u8) ?? reasoning);
        }
        else if (content.Member("citationsContent"u8) is { } cited)
        {
            foreach (var piece in cited.Items("content"u8))
                Say(piece.Text("text"u8));
        }
        else
        {
            Say(content.Text("text"u8));
        }

        Close(index);
    }

    /// <summary>A call opens.</summary>
    public void OpenCall(long index, JsonElement call)
    {
        Close(index);
        if (open.Count >= MostOpen)
            return;
        open[index] = new Block { Call = calls };
        Events.Add(new ToolCallStarted(calls++, ids.Next(call.Text("toolUseId"u8), null), call.Text("name"u8) ?? ""));
    }

    /// <summary>A block grows.</summary>
    public void Grow(long index, JsonElement delta)
    {
        if (delta.Member("toolUse"u8) is { } call)
        {
            if (open.GetValueOrDefault(index) is { Call: >= 0 } block)
                AddArguments(block, call.Text("input"u8));
        }
        else if (delta.Member("reasoningContent"u8) is { } reasoning)
        {
            Think(index, reasoning);
        }
        else
        {
            Say(delta.Text("text"u8));
        }
    }

    /// <summary>A block closes: arguments that never came are <c>{}</c>.</summary>
    public void Close(long index)
    {
        if (open.Remove(index, out var block) && block is { Call: >= 0, HasArguments: false })
            AddArguments(block, "{}");
    }

    /// <summary>The answer ends.</summary>
    public void Finish(string? stopReason)
    {
        if (Finished)
            return;
        Finished = true;
        CloseAll();
        Events.Add(new AnswerFinished(ToFinish(stopReason), stopReason));
    }

    /// <summary>Closes what was left open, in order.</summary>
    public void CloseAll()
    {
        foreach (var index in open.Keys.Order().ToList())
            Close(index);
    }

    /// <summary>Usage was reported (§2.2): cache reads and writes are counted apart from the input.</summary>
    public void Report(JsonElement? report)
    {
        if (report is not { ValueKind: JsonValueKind.Object } usage)
            return;
        var read = usage.Count("cacheReadInputTokens"u8) ?? 0;
        var written = usage.Count("cacheWriteInputTokens"u8) ?? 0;
        long hour = 0;
        foreach (var detail in usage.Items("cacheDetails"u8))
            hour += detail.Text("ttl"u8) == "1h" ? detail.Count("inputTokens"u8) ?? 0 : 0;
        Events.Add(new UsageReported(new Usage
        {
            PromptTokens = (usage.Count("inputTokens"u8) ?? 0) + read + written,
            CompletionTokens = usage.Count("outputTokens"u8) ?? 0,
            CachedTokens = read,
            CacheWriteTokens = written,
            CacheWrite1hTokens = Math.Min(hour, written),
        }));
    }

    // Providers contract §2.1 and P-02.
    private FinishReason ToFinish(string? stopReason) => stopReason switch
    {
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "guardrail_intervened" or "content_filtered" => FinishReason.ContentFilter,
        "malformed_model_output" or "malformed_tool_use" => FinishReason.Error,
        _ => calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
    };

    private void AddArguments(Block block, string? fragment)
    {
        if (string.IsNullOrEmpty(fragment))
            return;
        block.HasArguments = true;
        Events.Add(new ToolCallArguments(block.Call, fragment));
    }

    private void Say(string? text)
    {
        if (!string.IsNullOrEmpty(text))
            Events.Add(new TextDelta(text));
    }

    private void Think(long index, JsonElement reasoning)
    {
        if (open.GetValueOrDefault(index) is not { Thought: >= 0 } block)
        {
            if (open.Count >= MostOpen)
                return;
            open[index] = block = new Block { Thought = thoughts++ };
        }

        if (reasoning.Text("text"u8) is { Length: > 0 } text)
            Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = Format, Index = block.Thought, Text = text }));
        if (reasoning.Text("signature"u8) is { Length: > 0 } signature)
            Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = Format, Index = block.Thought, Signature = signature }));
        if (reasoning.Text("redactedContent"u8) is { Length: > 0 } data)
            Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.encrypted", Format = Format, Index = block.Thought, Data = data }));
    }
}
