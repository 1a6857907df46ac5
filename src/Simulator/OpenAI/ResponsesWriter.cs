using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>Writes an answer as one response object or as its events, numbered from 0.</summary>
internal sealed class ResponsesWriter(Incoming call, ResponsesReader asked, Answer answer, TokenUsage usage, Signatures signatures, long created)
{
    /// <summary>What encrypted reasoning vouches for: its item's id.</summary>
    public const string ReasoningKind = "responses/reasoning";

    private const string RefusalText = "I'm sorry, I can't assist with that request.";
    private const string ServerError = "The server had an error while processing your request. Sorry about that!";

    private readonly string _id = "resp_" + call.Stamp.Hex("id", 48);
    private int _sequence;

    private bool HasReasoning => answer.Reasoning.Count > 0;

    private bool Refuses => answer.Ending == Ending.Refusal;

    private bool HasMessage => Refuses || answer.Text.Count > 0 || answer.Calls.Count == 0;

    private string? Cut => answer.Ending switch
    {
        Ending.Length => "max_output_tokens",
        Ending.Filter => "content_filter",
        _ => null,
    };

    public byte[] Whole() => JsonBytes.Object(w => Response(w, Cut is null ? "completed" : "incomplete"));

    public byte[] Failed() => JsonBytes.Object(w => Response(w, "failed"));

    public StreamEvent FailedEvent() => Named("response.failed", EventKind.Closing, w => Member(w, "response", () => Response(w, "failed")));

    public IEnumerable<StreamEvent> Events()
    {
        _sequence = 0;
        foreach (var type in (string[])["response.created", "response.in_progress"])
        {
            yield return Named(type, EventKind.Opening, w => Member(w, "response", () => Response(w, "in_progress")));
        }

        var index = 0;
        foreach (var events in (IEnumerable<Func<int, IEnumerable<StreamEvent>>>)[.. Items()])
        {
            foreach (var e in events(index))
            {
                yield return e;
            }

            index++;
        }

        yield return Named(Cut is null ? "response.completed" : "response.incomplete", EventKind.Done, w => Member(w, "response", () => Response(w, Cut is null ? "completed" : "incomplete")));
    }

    private IEnumerable<Func<int, IEnumerable<StreamEvent>>> Items()
    {
        if (HasReasoning)
        {
            yield return ReasoningEvents;
        }

        if (HasMessage)
        {
            yield return MessageEvents;
        }

        foreach (var (one, number) in answer.Calls.Select((c, i) => (c, i)))
        {
            yield return index => CallEvents(index, one, number);
        }
    }

    private IEnumerable<StreamEvent> ReasoningEvents(int index)
    {
        yield return Item("added", index, w => Reasoning(w, done: false));
        if (asked.Summarizes)
        {
            void Place(Utf8JsonWriter w)
            {
                w.WriteString("item_id", ReasoningId);
                w.WriteNumber("output_index", index);
                w.WriteNumber("summary_index", 0);
            }

            yield return Named("response.reasoning_summary_part.added", EventKind.Token, w =>
            {
                Place(w);
                Member(w, "part", () => TextPart(w, "summary_text", "text", ""));
            });
            foreach (var piece in answer.Reasoning)
            {
                yield return Delta("response.reasoning_summary_text.delta", Place, piece);
            }

            yield return Named("response.reasoning_summary_text.done", EventKind.Closing, w =>
            {
                Place(w);
                w.WriteString("text", answer.WholeReasoning);
            });
            yield return Named("response.reasoning_summary_part.done", EventKind.Closing, w =>
            {
                Place(w);
                Member(w, "part", () => TextPart(w, "summary_text", "text", answer.WholeReasoning));
            });
        }

        yield return Item("done", index, w => Reasoning(w, done: true));
    }

    private IEnumerable<StreamEvent> MessageEvents(int index)
    {
        var (part, member, whole) = Refuses ? ("refusal", "refusal", RefusalText) : ("output_text", "text", answer.WholeText);
        void Place(Utf8JsonWriter w)
        {
            w.WriteString("item_id", MessageId);
            w.WriteNumber("output_index", index);
            w.WriteNumber("content_index", 0);
        }

        yield return Item("added", index, w => Message(w, done: false));
        yield return Named("response.content_part.added", EventKind.Token, w =>
        {
            Place(w);
            Member(w, "part", () => TextPart(w, part, member, ""));
        });
        foreach (var piece in Refuses ? [RefusalText] : answer.Text)
        {
            yield return Delta($"response.{part}.delta", Place, piece);
        }

        yield return Named($"response.{part}.done", EventKind.Closing, w =>
        {
            Place(w);
            w.WriteString(member, whole);
        });
        yield return Named("response.content_part.done", EventKind.Closing, w =>
        {
            Place(w);
            Member(w, "part", () => TextPart(w, part, member, whole));
        });
        yield return Item("done", index, w => Message(w, done: true));
    }

    private IEnumerable<StreamEvent> CallEvents(int index, AnsweredCall one, int number)
    {
        void Place(Utf8JsonWriter w)
        {
            w.WriteString("item_id", CallItemId(number));
            w.WriteNumber("output_index", index);
        }

        yield return Item("added", index, w => Call(w, one, number, done: false));
        foreach (var piece in one.Arguments)
        {
            yield return Delta("response.function_call_arguments.delta", Place, piece);
        }

        yield return Named("response.function_call_arguments.done", EventKind.Closing, w =>
        {
            Place(w);
            w.WriteString("arguments", one.WholeArguments);
        });
        yield return Item("done", index, w => Call(w, one, number, done: true));
    }

    private string ReasoningId => "rs_" + call.Stamp.Hex("reasoning", 48);

    private string MessageId => "msg_" + call.Stamp.Hex("message", 48);

    private string CallItemId(int number) => "fc_" + call.Stamp.Hex($"item/{number}", 48);

    private void Response(Utf8JsonWriter w, string status)
    {
        var ended = status is "completed" or "incomplete";
        w.WriteString("id", _id);
        w.WriteString("object", "response");
        w.WriteNumber("created_at", created);
        w.WriteString("status", status);
        w.WriteBoolean("background", false);
        if (status == "failed")
        {
            w.WriteStartObject("error");
            w.WriteString("code", "server_error");
            w.WriteString("message", ServerError);
            w.WriteEndObject();
        }
        else
        {
            w.WriteNull("error");
        }

        if (ended && Cut is { } reason)
        {
            w.WriteStartObject("incomplete_details");
            w.WriteString("reason", reason);
            w.WriteEndObject();
        }
        else
        {
            w.WriteNull("incomplete_details");
        }

        w.WriteString("model", call.Model);
        w.WriteStartArray("output");
        if (ended)
        {
            Output(w);
        }

        w.WriteEndArray();
        w.WriteBoolean("store", false);
        if (ended && !call.Faults.NoUsage)
        {
            Usage(w);
        }
        else
        {
            w.WriteNull("usage");
        }
    }

    private void Output(Utf8JsonWriter w)
    {
        if (HasReasoning)
        {
            Object(w, () => Reasoning(w, done: true));
        }

        if (HasMessage)
        {
            Object(w, () => Message(w, done: true));
        }

        foreach (var (one, number) in answer.Calls.Select((c, i) => (c, i)))
        {
            Object(w, () => Call(w, one, number, done: true));
        }
    }

    private void Reasoning(Utf8JsonWriter w, bool done)
    {
        w.WriteString("id", ReasoningId);
        w.WriteString("type", "reasoning");
        if (asked.Encrypts)
        {
            // While the item grows its content does too: what comes first is not the whole.
            w.WriteString("encrypted_content", done ? signatures.Sign(call.Stamp, ReasoningKind, ReasoningId) : "AAAA");
        }

        w.WriteStartArray("summary");
        if (done && asked.Summarizes)
        {
            Object(w, () => TextPart(w, "summary_text", "text", answer.WholeReasoning));
        }

        w.WriteEndArray();
    }

    private void Message(Utf8JsonWriter w, bool done)
    {
        w.WriteString("id", MessageId);
        w.WriteString("type", "message");
        w.WriteString("status", !done ? "in_progress" : Cut is null ? "completed" : "incomplete");
        w.WriteString("role", "assistant");
        w.WriteStartArray("content");
        if (done)
        {
            Object(w, () => TextPart(w, Refuses ? "refusal" : "output_text", Refuses ? "refusal" : "text", Refuses ? RefusalText : answer.WholeText));
        }

        w.WriteEndArray();
    }

    private void Call(Utf8JsonWriter w, AnsweredCall one, int number, bool done)
    {
        w.WriteString("id", CallItemId(number));
        w.WriteString("type", "function_call");
        w.WriteString("status", !done ? "in_progress" : one.Whole ? "completed" : "incomplete");
        w.WriteString("arguments", done ? one.WholeArguments : "");
        w.WriteString("call_id", "call_" + call.Stamp.Letters($"call/{number}", 24));
        w.WriteString("name", one.Name);
    }

    private static void TextPart(Utf8JsonWriter w, string type, string member, string text)
    {
        w.WriteString("type", type);
        if (type == "output_text")
        {
            w.WriteStartArray("annotations");
            w.WriteEndArray();
            w.WriteStartArray("logprobs");
            w.WriteEndArray();
        }

        w.WriteString(member, text);
    }

    private void Usage(Utf8JsonWriter w)
    {
        w.WriteStartObject("usage");
        w.WriteNumber("input_tokens", usage.Prompt.All);
        w.WriteStartObject("input_tokens_details");
        w.WriteNumber("cached_tokens", usage.Prompt.Cached);
        w.WriteEndObject();
        w.WriteNumber("output_tokens", usage.Completion);
        w.WriteStartObject("output_tokens_details");
        w.WriteNumber("reasoning_tokens", usage.Reasoning);
        w.WriteEndObject();
        w.WriteNumber("total_tokens", usage.Total);
        w.WriteEndObject();
    }

    private StreamEvent Item(string what, int index, Action<Utf8JsonWriter> members) =>
        Named($"response.output_item.{what}", what == "added" ? EventKind.Token : EventKind.Closing, w =>
        {
            w.WriteNumber("output_index", index);
            Member(w, "item", () => members(w));
        });

    private StreamEvent Delta(string type, Action<Utf8JsonWriter> place, string piece) => Named(type, EventKind.Token, w =>
    {
        place(w);
        w.WriteString("delta", piece);
        if (asked.Obfuscate)
        {
            w.WriteString("obfuscation", call.Stamp.Letters($"pad/{_sequence}", 1 + call.Stamp.Pick($"pad/{_sequence}", 9)));
        }
    });

    private StreamEvent Named(string type, EventKind kind, Action<Utf8JsonWriter> members) => new(type, JsonBytes.Object(w =>
    {
        w.WriteString("type", type);
        w.WriteNumber("sequence_number", _sequence++);
        members(w);
    }), kind);

    private static void Member(Utf8JsonWriter w, string name, Action members)
    {
        w.WritePropertyName(name);
        Object(w, members);
    }

    private static void Object(Utf8JsonWriter w, Action members)
    {
        w.WriteStartObject();
        members();
        w.WriteEndObject();
    }
}
