using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Anthropic;

/// <summary>Writes an answer as one message object or as events.</summary>
internal sealed class AnthropicWriter(Incoming call, AnthropicReader asked, Answer answer, TokenUsage usage, Signatures signatures)
{
    public const string ThinkingKind = "anthropic/thinking";
    public const string RedactedKind = "anthropic/redacted";

    private string StopReason => answer.Ending switch
    {
        Ending.Length => "max_tokens",
        Ending.ToolCalls => "tool_use",
        Ending.StopSequence => "stop_sequence",
        Ending.Filter or Ending.Refusal => "refusal",
        _ => "end_turn",
    };

    private string ShownThinking => asked.OmitThinking ? "" : answer.WholeReasoning;

    public byte[] Whole() => JsonBytes.Object(w =>
    {
        Envelope(w, () =>
        {
            foreach (var (block, index) in Blocks())
            {
                w.WriteStartObject();
                block.Start(w, whole: true);
                w.WriteEndObject();
            }
        });
        w.WriteString("stop_reason", StopReason);
        w.WriteString("stop_sequence", answer.MatchedStop);
        StopDetails(w);
        if (!call.Faults.NoUsage)
        {
            Usage(w, usage.Completion, full: true);
        }
    });

    public IEnumerable<StreamEvent> Events()
    {
        yield return Event("message_start", EventKind.Opening, w =>
        {
            w.WriteStartObject("message");
            Envelope(w, () => { });
            w.WriteNull("stop_reason");
            w.WriteNull("stop_sequence");
            if (!call.Faults.NoUsage)
            {
                Usage(w, Math.Min(usage.Completion, 1), full: true);
            }

            w.WriteEndObject();
        });
        var pinged = false;
        foreach (var (block, index) in Blocks())
        {
            yield return Event("content_block_start", EventKind.Opening, w =>
            {
                w.WriteNumber("index", index);
                w.WriteStartObject("content_block");
                block.Start(w, whole: false);
                w.WriteEndObject();
            });
            if (!pinged)
            {
                pinged = true;
                yield return Event("ping", EventKind.Opening, _ => { });
            }

            foreach (var delta in block.Deltas)
            {
                yield return Event("content_block_delta", EventKind.Token, w =>
                {
                    w.WriteNumber("index", index);
                    w.WriteStartObject("delta");
                    delta(w);
                    w.WriteEndObject();
                });
            }

            yield return Event("content_block_stop", EventKind.Closing, w => w.WriteNumber("index", index));
        }

        yield return Event("message_delta", EventKind.Closing, w =>
        {
            w.WriteStartObject("delta");
            w.WriteString("stop_reason", StopReason);
            w.WriteString("stop_sequence", answer.MatchedStop);
            StopDetails(w);
            w.WriteEndObject();
            if (!call.Faults.NoUsage)
            {
                Usage(w, usage.Completion, full: false);
            }
        });
        yield return Event("message_stop", EventKind.Done, _ => { });
    }

    private static StreamEvent Event(string type, EventKind kind, Action<Utf8JsonWriter> members) => new(type, JsonBytes.Object(w =>
    {
        w.WriteString("type", type);
        members(w);
    }), kind);

    private void Envelope(Utf8JsonWriter w, Action content)
    {
        w.WriteString("model", call.Model);
        w.WriteString("id", "msg_01" + call.Stamp.Letters("id", 22));
        w.WriteString("type", "message");
        w.WriteString("role", "assistant");
        w.WriteStartArray("content");
        content();
        w.WriteEndArray();
    }

    private IEnumerable<(Block Block, int Index)> Blocks() => AllBlocks().Select((b, i) => (b, i));

    private IEnumerable<Block> AllBlocks()
    {
        if (answer.Reasoning.Count > 0)
        {
            yield return call.Faults.Redacted ? Redacted() : Thinking();
        }

        if (answer.Text.Count > 0)
        {
            yield return new Block(
                (w, whole) =>
                {
                    w.WriteString("type", "text");
                    w.WriteString("text", whole ? answer.WholeText : "");
                },
                answer.Text.Select(piece => (Action<Utf8JsonWriter>)(w =>
                {
                    w.WriteString("type", "text_delta");
                    w.WriteString("text", piece);
                })));
        }

        foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
        {
            yield return ToolUse(one, "toolu_01" + call.Stamp.Letters($"call/{index}", 22));
        }
    }

    private Block Thinking()
    {
        var signature = signatures.Sign(call.Stamp, ThinkingKind, ShownThinking);
        return new Block(
            (w, whole) =>
            {
                w.WriteString("type", "thinking");
                w.WriteString("thinking", whole ? ShownThinking : "");
                w.WriteString("signature", whole ? signature : "");
            },
            (asked.OmitThinking ? [] : answer.Reasoning)
                .Select(piece => (Action<Utf8JsonWriter>)(w =>
                {
                    w.WriteString("type", "thinking_delta");
                    w.WriteString("thinking", piece);
                }))
                .Append(w =>
                {
                    w.WriteString("type", "signature_delta");
                    w.WriteString("signature", signature);
                }));
    }

    private Block Redacted() => new(
        (w, _) =>
        {
            w.WriteString("type", "redacted_thinking");
            w.WriteString("data", signatures.Sign(call.Stamp, RedactedKind, ""));
        },
        []);

    private static Block ToolUse(AnsweredCall one, string id)
    {
        var empty = one.WholeArguments is "{}";
        IEnumerable<string> parts = empty ? [""] : one.Arguments.Prepend("");
        return new Block(
            (w, whole) =>
            {
                w.WriteString("type", "tool_use");
                w.WriteString("id", id);
                w.WriteString("name", one.Name);
                w.WritePropertyName("input");
                w.WriteRawValue(whole && one.Whole ? one.WholeArguments : "{}");
            },
            parts.Select(part => (Action<Utf8JsonWriter>)(w =>
            {
                w.WriteString("type", "input_json_delta");
                w.WriteString("partial_json", part);
            })));
    }

    private void StopDetails(Utf8JsonWriter w)
    {
        if (answer.Ending is Ending.Refusal or Ending.Filter)
        {
            w.WriteStartObject("stop_details");
            w.WriteString("type", "refusal");
            w.WriteString("category", "cyber");
            w.WriteString("explanation", "This request was blocked under the simulator's usage policy.");
            w.WriteEndObject();
        }
    }

    /// <summary>Input, cache reads and cache writes are disjoint here; the prompt is their sum.</summary>
    private void Usage(Utf8JsonWriter w, long output, bool full)
    {
        w.WriteStartObject("usage");
        w.WriteNumber("input_tokens", usage.Prompt.All - usage.Prompt.Cached - usage.Prompt.Written);
        w.WriteNumber("cache_creation_input_tokens", usage.Prompt.Written);
        w.WriteNumber("cache_read_input_tokens", usage.Prompt.Cached);
        if (full)
        {
            w.WriteStartObject("cache_creation");
            w.WriteNumber("ephemeral_5m_input_tokens", usage.Prompt.Written);
            w.WriteNumber("ephemeral_1h_input_tokens", 0);
            w.WriteEndObject();
        }

        w.WriteNumber("output_tokens", output);
        if (full)
        {
            w.WriteString("service_tier", "standard");
            w.WriteString("inference_geo", "not_available");
        }

        w.WriteEndObject();
    }

    private sealed record Block(Action<Utf8JsonWriter, bool> Opening, IEnumerable<Action<Utf8JsonWriter>> Deltas)
    {
        public void Start(Utf8JsonWriter w, bool whole) => Opening(w, whole);
    }
}
