using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Amazon;

/// <summary>Writes an answer as one Converse response or as events.</summary>
internal sealed class ConverseWriter(Incoming call, Answer answer, TokenUsage usage)
{
    public int Tokens => (int)Math.Clamp(usage.Completion, 0, int.MaxValue);

    private string StopReason => answer.Ending switch
    {
        Ending.Length => "max_tokens",
        Ending.ToolCalls => "tool_use",
        Ending.StopSequence => "stop_sequence",
        Ending.Filter or Ending.Refusal => "content_filtered",
        _ => "end_turn",
    };

    public byte[] Whole() => JsonBytes.Object(w =>
    {
        w.WriteStartObject("output");
        w.WriteStartObject("message");
        w.WriteString("role", "assistant");
        w.WriteStartArray("content");
        if (answer.Reasoning.Count > 0)
        {
            Member(w, "reasoningContent", () => NamedMember(w, "reasoningText", () => w.WriteString("text", answer.WholeReasoning)));
        }

        if (answer.Text.Count > 0)
        {
            w.WriteStartObject();
            w.WriteString("text", answer.WholeText);
            w.WriteEndObject();
        }

        foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
        {
            Member(w, "toolUse", () =>
            {
                Identity(w, one, index);
                w.WritePropertyName("input");
                w.WriteRawValue(one.Whole ? one.WholeArguments : "{}");
            });
        }

        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteString("stopReason", StopReason);
        Metadata(w);
    });

    public IEnumerable<StreamEvent> Events()
    {
        yield return Event("messageStart", EventKind.Opening, w => w.WriteString("role", "assistant"));
        var index = 0;
        if (answer.Reasoning.Count > 0)
        {
            foreach (var piece in answer.Reasoning)
            {
                yield return Delta(index, w => NamedMember(w, "reasoningContent", () => w.WriteString("text", piece)));
            }

            yield return Stop(index++);
        }

        if (answer.Text.Count > 0)
        {
            foreach (var piece in answer.Text)
            {
                yield return Delta(index, w => w.WriteString("text", piece));
            }

            yield return Stop(index++);
        }

        foreach (var (one, number) in answer.Calls.Select((c, i) => (c, i)))
        {
            var block = index++;
            yield return Event("contentBlockStart", EventKind.Opening, w =>
            {
                w.WriteNumber("contentBlockIndex", block);
                NamedMember(w, "start", () => NamedMember(w, "toolUse", () => Identity(w, one, number)));
            });
            foreach (var piece in one.WholeArguments is "{}" ? [""] : one.Arguments)
            {
                yield return Delta(block, w => NamedMember(w, "toolUse", () => w.WriteString("input", piece)));
            }

            yield return Stop(block);
        }

        yield return Event("messageStop", EventKind.Done, w => w.WriteString("stopReason", StopReason));
        if (!call.Faults.NoUsage)
        {
            yield return Event("metadata", EventKind.Closing, Metadata);
        }
    }

    private static StreamEvent Delta(int index, Action<Utf8JsonWriter> delta) => Event("contentBlockDelta", EventKind.Token, w =>
    {
        w.WriteNumber("contentBlockIndex", index);
        NamedMember(w, "delta", () => delta(w));
    });

    private static StreamEvent Stop(int index) => Event("contentBlockStop", EventKind.Closing, w => w.WriteNumber("contentBlockIndex", index));

    // Each payload is padded to hide its length.
    private static StreamEvent Event(string name, EventKind kind, Action<Utf8JsonWriter> members) => new(name, JsonBytes.Object(w =>
    {
        members(w);
        w.WriteString("p", "abcdefghijklmn");
    }), kind);

    private void Identity(Utf8JsonWriter w, AnsweredCall one, int index)
    {
        w.WriteString("toolUseId", "tooluse_" + call.Stamp.Letters($"call/{index}", 22));
        w.WriteString("name", one.Name);
    }

    private void Metadata(Utf8JsonWriter w)
    {
        if (!call.Faults.NoUsage)
        {
            w.WriteStartObject("usage");
            w.WriteNumber("inputTokens", usage.Prompt.All - usage.Prompt.Cached - usage.Prompt.Written);
            w.WriteNumber("outputTokens", usage.Completion);
            w.WriteNumber("totalTokens", usage.Total);
            w.WriteNumber("cacheReadInputTokens", usage.Prompt.Cached);
            w.WriteNumber("cacheWriteInputTokens", usage.Prompt.Written);
            w.WriteEndObject();
        }

        w.WriteStartObject("metrics");
        w.WriteNumber("latencyMs", 17);
        w.WriteEndObject();
    }

    private static void Member(Utf8JsonWriter w, string name, Action members)
    {
        w.WriteStartObject();
        NamedMember(w, name, members);
        w.WriteEndObject();
    }

    private static void NamedMember(Utf8JsonWriter w, string name, Action members)
    {
        w.WriteStartObject(name);
        members();
        w.WriteEndObject();
    }
}
