using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>
/// Turns the pieces of one answer into events (providers contract §9): thoughts and the plan for the tools become reasoning, the plan as a summary so that it
/// goes back as a plan.
/// </summary>
internal sealed class CohereAnswer(List<AnswerEvent> events)
{
    // No answer has near as many calls open at once; past this their pieces are ignored.
    private const int MostOpen = 1024;

    private readonly CallIds ids = new();
    private readonly CohereCitations citations = new();
    private readonly Dictionary<long, Call> open = [];
    private string? answerId;
    private string? block;
    private int blocks;
    private int calls;

    private sealed class Call(int number)
    {
        public int Number { get; } = number;
        public bool HasArguments { get; set; }
    }

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = events;

    /// <summary>The finish was told.</summary>
    public bool Finished { get; private set; }

    public void Start(string? id)
    {
        if (answerId is not null)
            return;
        answerId = id ?? "";
        Events.Add(new AnswerStarted(id, null));
    }

    /// <summary>A block of content, whole or a piece of it.</summary>
    public void AddContent(JsonElement content)
    {
        if (content.Text("thinking"u8) is { Length: > 0 } thought)
            Reason("reasoning.text", thought);
        if (content.Text("text"u8) is not { Length: > 0 } text)
            return;
        block = null;
        citations.Pass(text);
        Events.Add(new TextDelta(text));
    }

    public void AddPlan(string? plan)
    {
        if (!string.IsNullOrEmpty(plan))
            Reason("reasoning.summary", plan);
    }

    /// <summary>A call opens, with all of its arguments or none.</summary>
    public void OpenCall(long index, JsonElement call)
    {
        CloseCall(index);
        if (open.Count >= MostOpen)
            return;
        block = null;
        var function = call.Member("function"u8) ?? default;
        open[index] = new Call(calls);
        Events.Add(new ToolCallStarted(calls++, ids.Next(call.Text("id"u8), answerId), function.Text("name"u8) ?? ""));
        AddArguments(index, function);
    }

    public void AddArguments(long index, JsonElement function)
    {
        if (!open.TryGetValue(index, out var call))
            return;
        // A call without arguments has the word null for them.
        if (function.Text("arguments"u8) is not { Length: > 0 } arguments || (!call.HasArguments && arguments == "null"))
            return;
        call.HasArguments = true;
        Events.Add(new ToolCallArguments(call.Number, arguments));
    }

    /// <summary>A call closes: arguments that never came are <c>{}</c>.</summary>
    public void CloseCall(long index)
    {
        if (open.Remove(index, out var call) && !call.HasArguments)
            Events.Add(new ToolCallArguments(call.Number, "{}"));
    }

    public void Cite(JsonElement citation) => citations.Read(citation, Events);

    /// <summary>The answer ends.</summary>
    public void Finish(string? reason, JsonElement? usage, string? error)
    {
        if (Finished)
            return;
        Finished = true;
        CloseAll();
        if (error is not null)
        {
            Events.Add(new AnswerFailed(CohereFailures.AtEnd(reason, error)));
            return;
        }

        Events.Add(new AnswerFinished(ToFinish(reason), reason));
        if (CohereUsage.Read(usage) is { } counted)
            Events.Add(new UsageReported(counted));
    }

    /// <summary>Closes what was left open, in order.</summary>
    public void CloseAll()
    {
        foreach (var index in open.Keys.Order().ToList())
            CloseCall(index);
    }

    private void Reason(string type, string text)
    {
        if (block != type)
            blocks++;
        block = type;
        var detail = new ReasoningDetail { Type = type, Format = ReasoningReplay.Unknown, Index = blocks - 1 };
        Events.Add(new ReasoningDelta(type == "reasoning.summary" ? detail with { Summary = text } : detail with { Text = text }));
    }

    // Providers contract §2.1; P-02: calls decide between stop and tool_calls, nothing else is overridden.
    private FinishReason ToFinish(string? reason) => reason switch
    {
        "MAX_TOKENS" => FinishReason.Length,
        "ERROR" or "TIMEOUT" => FinishReason.Error,
        _ => calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
    };
}
