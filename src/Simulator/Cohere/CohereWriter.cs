using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Cohere;

/// <summary>Writes an answer as one object or as events.</summary>
internal sealed class CohereWriter(Incoming call, Prompt prompt, Answer answer, TokenUsage usage)
{
    /// <summary>The tokens of the vendor's own preamble: read, and not billed.</summary>
    public const int Preamble = 60;

    private const string RefusalText = "I will not answer that.";

    private string FinishReason => answer.Ending switch
    {
        Ending.Length => "MAX_TOKENS",
        Ending.ToolCalls => "TOOL_CALL",
        Ending.StopSequence => "STOP_SEQUENCE",
        _ => "COMPLETE",
    };

    private bool Plans => answer.Reasoning.Count > 0 && !prompt.Reasons;

    // The format has no refusal: the model says so.
    private IReadOnlyList<string> Text => answer.Ending == Ending.Refusal ? Pieces.Of(RefusalText) : answer.Text;

    /// <summary>The end of a stream that failed.</summary>
    public static StreamEvent Failed(string message) => Event("message-end", EventKind.Closing, w =>
    {
        w.WriteStartObject("delta");
        w.WriteString("finish_reason", "ERROR");
        w.WriteString("error", message);
        w.WriteEndObject();
    });

    public byte[] Whole() => JsonBytes.Object(w =>
    {
        w.WriteString("id", Id());
        w.WriteStartObject("message");
        w.WriteString("role", "assistant");
        if (Plans)
        {
            w.WriteString("tool_plan", answer.WholeReasoning);
        }

        if (answer.Calls.Count > 0)
        {
            w.WriteStartArray("tool_calls");
            foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
            {
                w.WriteStartObject();
                // A call without arguments has the word null for them here.
                Call(w, one, index, one.WholeArguments is "{}" ? "null" : one.WholeArguments);
                w.WriteEndObject();
            }

            w.WriteEndArray();
        }

        w.WriteStartArray("content");
        if (answer.Reasoning.Count > 0 && !Plans)
        {
            Block(w, "thinking", answer.WholeReasoning);
        }

        if (Text.Count > 0)
        {
            Block(w, "text", string.Concat(Text));
        }

        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteString("finish_reason", FinishReason);
        Usage(w);
    });

    public IEnumerable<StreamEvent> Events()
    {
        yield return new StreamEvent("message-start", JsonBytes.Object(w =>
        {
            w.WriteString("id", Id());
            w.WriteString("type", "message-start");
            w.WriteStartObject("delta");
            w.WriteStartObject("message");
            w.WriteString("role", "assistant");
            w.WriteString("tool_plan", "");
            foreach (var list in (ReadOnlySpan<string>)["content", "tool_calls", "citations"])
            {
                w.WriteStartArray(list);
                w.WriteEndArray();
            }

            w.WriteEndObject();
            w.WriteEndObject();
        }), EventKind.Opening);
        foreach (var piece in Plans ? answer.Reasoning : [])
        {
            yield return Delta("tool-plan-delta", null, EventKind.Token, w => w.WriteString("tool_plan", piece));
        }

        var index = 0;
        foreach (var (kind, pieces) in ((string, IReadOnlyList<string>)[])[("thinking", Plans ? [] : answer.Reasoning), ("text", Text)])
        {
            if (pieces.Count == 0)
            {
                continue;
            }

            foreach (var e in Content(index++, kind, pieces))
            {
                yield return e;
            }
        }

        foreach (var e in answer.Calls.SelectMany(Streamed))
        {
            yield return e;
        }

        yield return Event("message-end", EventKind.Done, w =>
        {
            w.WriteStartObject("delta");
            w.WriteString("finish_reason", FinishReason);
            Usage(w);
            w.WriteEndObject();
        });
    }

    private static IEnumerable<StreamEvent> Content(int index, string kind, IReadOnlyList<string> pieces)
    {
        yield return Delta("content-start", index, EventKind.Opening, w =>
        {
            w.WritePropertyName("content");
            Block(w, kind, "");
        });
        foreach (var piece in pieces)
        {
            yield return Delta("content-delta", index, EventKind.Token, w =>
            {
                w.WriteStartObject("content");
                w.WriteString(kind, piece);
                w.WriteEndObject();
            });
        }

        yield return Event("content-end", EventKind.Closing, w => w.WriteNumber("index", index));
    }

    private IEnumerable<StreamEvent> Streamed(AnsweredCall one, int index)
    {
        yield return Delta("tool-call-start", index, EventKind.Token, w =>
        {
            w.WriteStartObject("tool_calls");
            Call(w, one, index, "");
            w.WriteEndObject();
        });
        foreach (var piece in one.WholeArguments is "{}" ? [] : one.Arguments)
        {
            yield return Delta("tool-call-delta", index, EventKind.Token, w =>
            {
                w.WriteStartObject("tool_calls");
                w.WriteStartObject("function");
                w.WriteString("arguments", piece);
                w.WriteEndObject();
                w.WriteEndObject();
            });
        }

        yield return Event("tool-call-end", EventKind.Closing, w => w.WriteNumber("index", index));
    }

    private static StreamEvent Delta(string type, int? index, EventKind kind, Action<Utf8JsonWriter> message) => Event(type, kind, w =>
    {
        if (index is { } number)
        {
            w.WriteNumber("index", number);
        }

        w.WriteStartObject("delta");
        w.WriteStartObject("message");
        message(w);
        w.WriteEndObject();
        w.WriteEndObject();
    });

    private static StreamEvent Event(string type, EventKind kind, Action<Utf8JsonWriter> members) => new(type, JsonBytes.Object(w =>
    {
        w.WriteString("type", type);
        members(w);
    }), kind);

    private static void Block(Utf8JsonWriter w, string kind, string text)
    {
        w.WriteStartObject();
        w.WriteString("type", kind);
        w.WriteString(kind, text);
        w.WriteEndObject();
    }

    private void Call(Utf8JsonWriter w, AnsweredCall one, int index, string arguments)
    {
        w.WriteString("id", $"{one.Name}_{call.Stamp.Letters($"call/{index}", 12)}");
        w.WriteString("type", "function");
        w.WriteStartObject("function");
        w.WriteString("name", one.Name);
        w.WriteString("arguments", arguments);
        w.WriteEndObject();
    }

    private void Usage(Utf8JsonWriter w)
    {
        if (call.Faults.NoUsage)
        {
            return;
        }

        w.WriteStartObject("usage");
        Counts(w, "billed_units", usage.Prompt.All);
        Counts(w, "tokens", usage.Prompt.All < 0 ? usage.Prompt.All : usage.Prompt.All + Preamble);
        w.WriteNumber("cached_tokens", usage.Prompt.Cached);
        w.WriteEndObject();
    }

    private void Counts(Utf8JsonWriter w, string name, long input)
    {
        w.WriteStartObject(name);
        w.WriteNumber("input_tokens", input);
        w.WriteNumber("output_tokens", usage.Completion);
        w.WriteEndObject();
    }

    private string Id()
    {
        var hex = call.Stamp.Hex("id", 32);
        return $"{hex[..8]}-{hex[8..12]}-4{hex[13..16]}-8{hex[17..20]}-{hex[20..]}";
    }
}
