using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>Writes an answer as one GenerateContentResponse or as a stream of them.</summary>
internal sealed class GeminiWriter(Incoming call, GeminiReader asked, Answer answer, TokenUsage usage, Signatures signatures, bool signs)
{
    public const string TextKind = "gemini/text";
    public const string ImageKind = "gemini/image";

    private string Finish => answer.Ending switch
    {
        Ending.Length => "MAX_TOKENS",
        Ending.Filter or Ending.Refusal => "SAFETY",
        _ => "STOP",
    };

    /// <summary>What a signature beside a function call vouches for.</summary>
    public static string CallKind(string name, JsonElement arguments) => $"gemini/call {name} {(arguments.IsObject() ? arguments.Canonical() : "{}")}";

    public byte[] Whole() => Response(w =>
    {
        if (answer.Ending == Ending.Refusal)
        {
            return;
        }

        if (asked.IncludeThoughts && answer.Reasoning.Count > 0)
        {
            Part(w, () =>
            {
                w.WriteString("text", answer.WholeReasoning);
                w.WriteBoolean("thought", true);
            });
        }

        if (answer.Text.Count > 0)
        {
            Part(w, () =>
            {
                w.WriteString("text", answer.WholeText);
                if (signs)
                {
                    w.WriteString("thoughtSignature", signatures.Sign(call.Stamp, TextKind, ""));
                }
            });
        }

        foreach (var image in answer.Images)
        {
            Part(w, () => Image(w, image));
        }

        foreach (var (one, index) in WholeCalls())
        {
            Part(w, () => FunctionCall(w, one, index));
        }
    }, final: true, usage.Completion);

    public IEnumerable<StreamEvent> Events()
    {
        if (answer.Ending == Ending.Refusal)
        {
            yield return new StreamEvent(null, Response(_ => { }, final: true, 0), EventKind.Token);
            yield break;
        }

        var written = 0L;
        foreach (var piece in answer.Reasoning)
        {
            written++;
            if (asked.IncludeThoughts)
            {
                yield return Event(EventKind.Token, written, w =>
                {
                    w.WriteString("text", piece);
                    w.WriteBoolean("thought", true);
                });
            }
        }

        foreach (var piece in answer.Text)
        {
            written++;
            yield return Event(EventKind.Token, written, w => w.WriteString("text", piece));
        }

        foreach (var image in answer.Images)
        {
            written += Picture.Tokens;
            yield return Event(EventKind.Token, written, w => Image(w, image));
        }

        foreach (var (one, index) in WholeCalls())
        {
            written += 3 + one.Arguments.Count;
            yield return Event(EventKind.Token, written, w => FunctionCall(w, one, index));
        }

        // As recorded: the finish reason comes with an empty text part, and after thinking in words that part bears the signature.
        yield return new StreamEvent(null, Response(w => Part(w, () =>
        {
            w.WriteString("text", "");
            if (signs && answer.Text.Count > 0)
            {
                w.WriteString("thoughtSignature", signatures.Sign(call.Stamp, TextKind, ""));
            }
        }), final: true, usage.Completion), EventKind.Done);
    }

    /// <summary>A call the token limit cut is not sent at all.</summary>
    private IEnumerable<(AnsweredCall One, int Index)> WholeCalls() => answer.Calls.Where(c => c.Whole).Select((c, i) => (c, i));

    private void FunctionCall(Utf8JsonWriter w, AnsweredCall one, int index)
    {
        var arguments = JsonElement.Parse(one.WholeArguments);
        w.WriteStartObject("functionCall");
        w.WriteString("name", one.Name);
        w.WritePropertyName("args");
        arguments.WriteTo(w);
        w.WriteEndObject();
        if (signs && index == 0)
        {
            // Only the first of parallel calls is signed.
            w.WriteString("thoughtSignature", signatures.Sign(call.Stamp, CallKind(one.Name, arguments), ""));
        }
    }

    private void Image(Utf8JsonWriter w, string image)
    {
        w.WriteStartObject("inlineData");
        w.WriteString("mimeType", "image/png");
        w.WriteString("data", image);
        w.WriteEndObject();
        if (signs)
        {
            w.WriteString("thoughtSignature", signatures.Sign(call.Stamp, ImageKind, image));
        }
    }

    private StreamEvent Event(EventKind kind, long written, Action<Utf8JsonWriter> part) =>
        new(null, Response(w => Part(w, () => part(w)), final: false, written), kind);

    private static void Part(Utf8JsonWriter w, Action members)
    {
        w.WriteStartObject();
        members();
        w.WriteEndObject();
    }

    private byte[] Response(Action<Utf8JsonWriter> parts, bool final, long written) => JsonBytes.Object(w =>
    {
        if (answer.Ending == Ending.Refusal)
        {
            w.WriteStartObject("promptFeedback");
            w.WriteString("blockReason", "PROHIBITED_CONTENT");
            w.WriteEndObject();
        }
        else
        {
            w.WriteStartArray("candidates");
            w.WriteStartObject();
            w.WriteStartObject("content");
            w.WriteStartArray("parts");
            parts(w);
            w.WriteEndArray();
            w.WriteString("role", "model");
            w.WriteEndObject();
            if (final)
            {
                w.WriteString("finishReason", Finish);
                if (answer.Ending == Ending.ToolCalls)
                {
                    w.WriteString("finishMessage", "Model generated function call(s).");
                }
            }

            w.WriteNumber("index", 0);
            w.WriteEndObject();
            w.WriteEndArray();
        }

        if (!call.Faults.NoUsage)
        {
            Usage(w, final ? usage.Completion : Math.Min(written, usage.Completion));
        }

        w.WriteString("modelVersion", call.Model);
        w.WriteString("responseId", call.Stamp.Letters("id", 22));
    });

    private void Usage(Utf8JsonWriter w, long written)
    {
        var thoughts = Math.Min(usage.Reasoning, Math.Max(0, written));
        w.WriteStartObject("usageMetadata");
        w.WriteNumber("promptTokenCount", usage.Prompt.All);
        w.WriteNumber("candidatesTokenCount", written - thoughts);
        w.WriteNumber("totalTokenCount", unchecked(usage.Prompt.All + written));
        if (usage.Prompt.Cached > 0)
        {
            w.WriteNumber("cachedContentTokenCount", usage.Prompt.Cached);
        }

        if (usage.Images > 0 && written == usage.Completion)
        {
            Detail(w, "candidatesTokensDetails", "IMAGE", usage.Images);
        }

        Detail(w, "promptTokensDetails", "TEXT", usage.Prompt.All);
        if (thoughts > 0)
        {
            w.WriteNumber("thoughtsTokenCount", thoughts);
        }

        w.WriteEndObject();
    }

    private static void Detail(Utf8JsonWriter w, string name, string modality, long tokens)
    {
        w.WriteStartArray(name);
        w.WriteStartObject();
        w.WriteString("modality", modality);
        w.WriteNumber("tokenCount", tokens);
        w.WriteEndObject();
        w.WriteEndArray();
    }
}
