using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>Writes an answer as one object or as lines.</summary>
internal sealed class OllamaWriter(Incoming call, Answer answer, TokenUsage usage, DateTimeOffset now)
{
    private const string RefusalText = "I will not answer that.";

    // The format has no refusal: the model says so.
    private IReadOnlyList<string> Text => answer.Ending == Ending.Refusal ? Pieces.Of(RefusalText) : answer.Text;

    private string Created => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    public byte[] Whole() => JsonBytes.Object(w =>
    {
        Head(w, () =>
        {
            w.WriteString("content", string.Concat(Text));
            if (answer.Reasoning.Count > 0)
            {
                w.WriteString("thinking", answer.WholeReasoning);
            }

            if (answer.Calls.Count > 0)
            {
                w.WriteStartArray("tool_calls");
                for (var index = 0; index < answer.Calls.Count; index++)
                {
                    Call(w, answer.Calls[index], index);
                }

                w.WriteEndArray();
            }
        });
        Tail(w);
    });

    public IEnumerable<StreamEvent> Events()
    {
        foreach (var piece in answer.Reasoning)
        {
            yield return Line(w =>
            {
                w.WriteString("content", "");
                w.WriteString("thinking", piece);
            });
        }

        foreach (var piece in Text)
        {
            yield return Line(w => w.WriteString("content", piece));
        }

        foreach (var (one, index) in answer.Calls.Select((c, i) => (c, i)))
        {
            yield return Line(w =>
            {
                w.WriteString("content", "");
                w.WriteStartArray("tool_calls");
                Call(w, one, index);
                w.WriteEndArray();
            });
        }

        yield return new StreamEvent(null, JsonBytes.Object(w =>
        {
            Head(w, () => w.WriteString("content", ""));
            Tail(w);
        }), EventKind.Done);
    }

    private StreamEvent Line(Action<Utf8JsonWriter> message) => new(null, JsonBytes.Object(w =>
    {
        Head(w, () => message(w));
        w.WriteBoolean("done", false);
    }), EventKind.Token);

    private void Head(Utf8JsonWriter w, Action message)
    {
        w.WriteString("model", call.Model);
        w.WriteString("created_at", Created);
        w.WriteStartObject("message");
        w.WriteString("role", "assistant");
        message();
        w.WriteEndObject();
    }

    private void Tail(Utf8JsonWriter w)
    {
        w.WriteBoolean("done", true);
        w.WriteString("done_reason", answer.Ending == Ending.Length ? "length" : "stop");
        w.WriteNumber("total_duration", 5_000_000_000);
        w.WriteNumber("load_duration", 3_000_000_000);
        if (call.Faults.NoUsage)
        {
            return;
        }

        w.WriteNumber("prompt_eval_count", usage.Prompt.All);
        w.WriteNumber("prompt_eval_duration", 1_000_000_000);
        w.WriteNumber("eval_count", usage.Completion);
        w.WriteNumber("eval_duration", 1_000_000_000);
    }

    private static void Call(Utf8JsonWriter w, AnsweredCall one, int index)
    {
        w.WriteStartObject();
        w.WriteStartObject("function");
        w.WriteNumber("index", index);
        w.WriteString("name", one.Name);
        w.WritePropertyName("arguments");
        w.WriteRawValue(one.Whole ? one.WholeArguments : "{}");
        w.WriteEndObject();
        w.WriteEndObject();
    }
}
