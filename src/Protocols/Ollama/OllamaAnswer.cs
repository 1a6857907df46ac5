using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Ollama;

/// <summary>Turns answers into events: a whole answer is one of them, a stream many, each with what is new (providers contract §10.1).</summary>
internal sealed class OllamaAnswer(List<AnswerEvent> events)
{
    private readonly CallIds ids = new();
    private string? answerId;
    private bool thinking;
    private int blocks;
    private int calls;

    /// <summary>Where events go; the stream reader sets it anew for every read.</summary>
    public List<AnswerEvent> Events { get; set; } = events;

    /// <summary>The finish was told.</summary>
    public bool Finished { get; private set; }

    /// <summary>Takes one answer.</summary>
    public void Read(JsonElement answer)
    {
        if (answerId is null)
        {
            answerId = answer.Text("created_at"u8) ?? ""; // there is no id; the time is as good a seed
            Events.Add(new AnswerStarted(null, answer.Text("model"u8)));
        }

        if (answer.Member("message"u8) is { } message)
            ReadMessage(message);
        if (answer.Flag("done"u8))
            Finish(answer);
    }

    private void ReadMessage(JsonElement message)
    {
        if (message.Text("thinking"u8) is { Length: > 0 } thought)
        {
            if (!thinking)
                blocks++;
            thinking = true;
            Events.Add(new ReasoningDelta(new ReasoningDetail { Type = "reasoning.text", Format = ReasoningReplay.Unknown, Index = blocks - 1, Text = thought }));
        }

        if (message.Text("content"u8) is { Length: > 0 } text)
        {
            thinking = false;
            Events.Add(new TextDelta(text));
        }

        foreach (var call in message.Items("tool_calls"u8))
        {
            if (call.Member("function"u8) is not { } function)
                continue;
            thinking = false;
            Events.Add(new ToolCallStarted(calls, ids.Next(call.Text("id"u8), answerId), function.Text("name"u8) ?? ""));
            Events.Add(new ToolCallArguments(calls++, Arguments(function)));
        }
    }

    private void Finish(JsonElement answer)
    {
        if (Finished)
            return;
        Finished = true;
        var reason = answer.Text("done_reason"u8);
        // P-02: calls decide between stop and tool_calls, nothing else is overridden.
        Events.Add(new AnswerFinished(reason == "length" ? FinishReason.Length : calls > 0 ? FinishReason.ToolCalls : FinishReason.Stop, reason));
        // The prompt's is left out where all of it came from the cache: then our own count stands in.
        var (prompt, written) = (answer.Count("prompt_eval_count"u8), answer.Count("eval_count"u8));
        if (prompt is not null || written is not null)
            Events.Add(new UsageReported(new Usage { PromptTokens = prompt ?? 0, CompletionTokens = written ?? 0, PromptMissing = prompt is null }));
    }

    // An object here, but a server in between may have made a string of it.
    private static string Arguments(JsonElement function) => function.Member("arguments"u8) switch
    {
        { ValueKind: JsonValueKind.Object } given => given.Compact(),
        { ValueKind: JsonValueKind.String } text when text.Decode() is { Length: > 0 } written and not "null" => written,
        _ => "{}",
    };
}
