using System.Text;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>Writes an answer as one chat.completion object or as chunks.</summary>
internal sealed class OpenAIWriter(Incoming call, OpenAIReader asked, Answer answer, TokenUsage usage, long created)
{
    private readonly string _id = "chatcmpl-" + call.Stamp.Letters("id", 29);

    private string Finish => answer.Ending switch
    {
        Ending.Length => "length",
        Ending.ToolCalls => "tool_calls",
        Ending.Filter => "content_filter",
        _ => "stop",
    };

    public byte[] Whole() => JsonBytes.Object(w =>
    {
        w.WriteString("id", _id);
        w.WriteString("object", "chat.completion");
        Common(w);
        w.WriteStartArray("choices");
        for (var choice = 0; choice < asked.Choices; choice++)
        {
            w.WriteStartObject();
            w.WriteNumber("index", choice);
            w.WriteStartObject("message");
            Message(w);
            w.WriteEndObject();
            Logprobs(w, answer.Text);
            w.WriteString("finish_reason", Finish);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        if (!call.Faults.NoUsage)
        {
            Usage(w);
        }

        w.WriteString("service_tier", asked.Tier);
        w.WriteString("system_fingerprint", Fingerprint);
    });

    public IEnumerable<StreamEvent> Events()
    {
        for (var choice = 0; choice < asked.Choices; choice++)
        {
            foreach (var e in ChoiceEvents(choice))
            {
                yield return e;
            }
        }

        if (asked.IncludeUsage && !call.Faults.NoUsage)
        {
            yield return Event(EventKind.Closing, "usage", w =>
            {
                w.WriteStartArray("choices");
                w.WriteEndArray();
                Usage(w);
            });
        }

        yield return new StreamEvent(null, "[DONE]"u8.ToArray(), EventKind.Done);
    }

    private string Fingerprint => "fp_" + call.Stamp.Hex("fingerprint", 10);

    private IEnumerable<StreamEvent> ChoiceEvents(int choice)
    {
        var calls = answer.Calls.Count > 0 && answer.Text.Count == 0;
        yield return Chunk(choice, EventKind.Token, "role", w =>
        {
            w.WriteString("role", "assistant");
            if (calls)
            {
                w.WriteNull("content");
            }
            else
            {
                w.WriteString("content", "");
            }

            w.WriteNull("refusal");
        });
        foreach (var (piece, i) in answer.Reasoning.Select((p, i) => (p, i)))
        {
            yield return Chunk(choice, EventKind.Token, $"r{i}", w => w.WriteString("reasoning_content", piece));
        }

        if (answer.Ending == Ending.Refusal)
        {
            yield return Chunk(choice, EventKind.Token, "refusal", w => w.WriteString("refusal", RefusalText));
        }

        foreach (var (piece, i) in answer.Text.Select((p, i) => (p, i)))
        {
            yield return Chunk(choice, EventKind.Token, $"t{i}", w => w.WriteString("content", piece), logprobs: [piece]);
        }

        foreach (var (image, i) in answer.Images.Select((p, i) => (p, i)))
        {
            yield return Chunk(choice, EventKind.Token, $"i{i}", w =>
            {
                w.WriteStartArray("images");
                Image(w, image, i);
                w.WriteEndArray();
            });
        }

        foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
        {
            yield return CallDelta(choice, index, $"c{index}", w =>
            {
                w.WriteString("id", CallId(index));
                w.WriteString("type", "function");
                w.WriteStartObject("function");
                w.WriteString("name", one.Name);
                w.WriteString("arguments", "");
                w.WriteEndObject();
            });
            foreach (var (piece, i) in one.Arguments.Select((p, i) => (p, i)))
            {
                yield return CallDelta(choice, index, $"c{index}/{i}", w =>
                {
                    w.WriteStartObject("function");
                    w.WriteString("arguments", piece);
                    w.WriteEndObject();
                });
            }
        }

        // The event that no_done takes away is [DONE] alone: a finish reason without it is a good end with most hosts.
        yield return Chunk(choice, EventKind.Closing, "finish", _ => { }, Finish);
    }

    private const string RefusalText = "I'm sorry, I can't assist with that request.";

    private string CallId(int index) => "call_" + call.Stamp.Letters($"call/{index}", 24);

    private void Message(Utf8JsonWriter w)
    {
        w.WriteString("role", "assistant");
        if (answer.Ending == Ending.Refusal || (answer.Calls.Count > 0 && answer.Text.Count == 0))
        {
            w.WriteNull("content");
        }
        else
        {
            w.WriteString("content", answer.WholeText);
        }

        if (answer.Reasoning.Count > 0)
        {
            w.WriteString("reasoning_content", answer.WholeReasoning);
        }

        w.WriteString("refusal", answer.Ending == Ending.Refusal ? RefusalText : null);
        w.WriteStartArray("annotations");
        w.WriteEndArray();
        if (answer.Images.Count > 0)
        {
            w.WriteStartArray("images");
            foreach (var (image, index) in answer.Images.Select((p, i) => (p, i)))
            {
                Image(w, image, index);
            }

            w.WriteEndArray();
        }

        if (answer.Calls.Count == 0)
        {
            return;
        }

        w.WriteStartArray("tool_calls");
        foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
        {
            w.WriteStartObject();
            w.WriteString("id", CallId(index));
            w.WriteString("type", "function");
            w.WriteStartObject("function");
            w.WriteString("name", one.Name);
            w.WriteString("arguments", one.WholeArguments);
            w.WriteEndObject();
            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    private static void Image(Utf8JsonWriter w, string image, int index)
    {
        w.WriteStartObject();
        w.WriteString("type", "image_url");
        w.WriteStartObject("image_url");
        w.WriteString("url", "data:image/png;base64," + image);
        w.WriteEndObject();
        w.WriteNumber("index", index);
        w.WriteEndObject();
    }

    private StreamEvent CallDelta(int choice, int index, string label, Action<Utf8JsonWriter> members) => Chunk(choice, EventKind.Token, label, w =>
    {
        w.WriteStartArray("tool_calls");
        w.WriteStartObject();
        w.WriteNumber("index", index);
        members(w);
        w.WriteEndObject();
        w.WriteEndArray();
    });

    private StreamEvent Chunk(
        int choice, EventKind kind, string label, Action<Utf8JsonWriter> delta, string? finish = null, IReadOnlyList<string>? logprobs = null) =>
        Event(kind, label, w =>
        {
            w.WriteStartArray("choices");
            w.WriteStartObject();
            w.WriteNumber("index", choice);
            w.WriteStartObject("delta");
            delta(w);
            w.WriteEndObject();
            Logprobs(w, logprobs ?? []);
            w.WriteString("finish_reason", finish);
            w.WriteEndObject();
            w.WriteEndArray();
            if (asked.IncludeUsage)
            {
                w.WriteNull("usage");
            }
        });

    private StreamEvent Event(EventKind kind, string label, Action<Utf8JsonWriter> members) => new(null, JsonBytes.Object(w =>
    {
        w.WriteString("id", _id);
        w.WriteString("object", "chat.completion.chunk");
        Common(w);
        w.WriteString("service_tier", asked.Tier);
        w.WriteString("system_fingerprint", Fingerprint);
        members(w);
        if (asked.Obfuscate)
        {
            w.WriteString("obfuscation", call.Stamp.Letters("pad/" + label, 1 + call.Stamp.Pick("pad/" + label, 9)));
        }
    }), kind);

    private void Common(Utf8JsonWriter w)
    {
        w.WriteNumber("created", created);
        w.WriteString("model", call.Model);
    }

    private void Logprobs(Utf8JsonWriter w, IReadOnlyList<string> pieces)
    {
        if (!asked.Logprobs || pieces.Count == 0)
        {
            w.WriteNull("logprobs");
            return;
        }

        w.WriteStartObject("logprobs");
        w.WriteStartArray("content");
        foreach (var piece in pieces)
        {
            w.WriteStartObject();
            w.WriteString("token", piece);
            w.WriteNumber("logprob", -0.25m);
            w.WriteStartArray("bytes");
            foreach (var b in Encoding.UTF8.GetBytes(piece))
            {
                w.WriteNumberValue(b);
            }

            w.WriteEndArray();
            w.WriteStartArray("top_logprobs");
            w.WriteEndArray();
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteNull("refusal");
        w.WriteEndObject();
    }

    private void Usage(Utf8JsonWriter w)
    {
        w.WriteStartObject("usage");
        w.WriteNumber("prompt_tokens", usage.Prompt.All);
        w.WriteNumber("completion_tokens", usage.Completion);
        w.WriteNumber("total_tokens", usage.Total);
        w.WriteStartObject("prompt_tokens_details");
        w.WriteNumber("cached_tokens", usage.Prompt.Cached);
        w.WriteNumber("audio_tokens", 0);
        w.WriteEndObject();
        w.WriteStartObject("completion_tokens_details");
        w.WriteNumber("reasoning_tokens", usage.Reasoning);
        w.WriteNumber("audio_tokens", 0);
        w.WriteNumber("accepted_prediction_tokens", 0);
        w.WriteNumber("rejected_prediction_tokens", 0);
        if (usage.Images > 0)
        {
            w.WriteNumber("image_tokens", usage.Images);
        }

        w.WriteEndObject();
        w.WriteEndObject();
    }
}
