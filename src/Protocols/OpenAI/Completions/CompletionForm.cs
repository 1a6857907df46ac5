using System.Buffers;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>
/// Chat completions and their chunks, as this gateway writes them, in the form of this route (inference §9, I-43): <c>object</c> and <c>choices</c> differ, all
/// else is copied.
/// </summary>
internal static class CompletionForm
{
    /// <summary>Every event of <paramref name="events"/>, which are whole.</summary>
    public static void WriteEvents(ReadOnlySpan<byte> events, IBufferWriter<byte> target)
    {
        var copied = default(CopiedText);
        WriteEvents(events, target, ref copied);
    }

    /// <summary>The same; notes where their text went.</summary>
    public static void WriteEvents(ReadOnlySpan<byte> events, IBufferWriter<byte> target, ref CopiedText copied)
    {
        var output = new JsonOutput(target);
        while (!events.IsEmpty)
        {
            var end = events.IndexOf("\n\n"u8);
            var one = end < 0 ? events : events[..end];
            events = end < 0 ? default : events[(end + 2)..];
            if (!one.StartsWith("data: "u8))
                continue;
            output.Frame("data: "u8);
            if (one["data: ".Length..] is [(byte)'{', ..] json)
                Write(json, ref output, ref copied);
            else
                output.Frame(one["data: ".Length..]);
            output.Frame("\n\n"u8);
        }

        output.Flush();
    }

    /// <summary>One answer.</summary>
    public static void Write(ReadOnlySpan<byte> chat, IBufferWriter<byte> target)
    {
        var output = new JsonOutput(target);
        var copied = default(CopiedText);
        Write(chat, ref output, ref copied);
        output.Flush();
    }

    private static void Write(ReadOnlySpan<byte> chat, ref JsonOutput output, ref CopiedText copied)
    {
        output.BeginObject();
        var members = new JsonMembers(chat);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("object"u8))
                output.Member("object"u8, "\"text_completion\""u8);
            else if (members.Name.SequenceEqual("choices"u8))
                WriteChoices(members.Value, ref output, ref copied);
            else
                output.Member(members.Name, members.Value);
        }

        output.EndObject();
    }

    private static void WriteChoices(ReadOnlySpan<byte> choices, ref JsonOutput output, ref CopiedText copied)
    {
        output.Name("choices"u8);
        output.BeginArray();
        var elements = new JsonElements(choices);
        while (elements.Next())
        {
            output.BeginObject();
            var members = new JsonMembers(elements.Value);
            while (members.Next())
            {
                if (members.Name.SequenceEqual("message"u8) || members.Name.SequenceEqual("delta"u8))
                    WriteText(members.Value, ref output, ref copied);
                else if (members.Name.SequenceEqual("logprobs"u8))
                    WriteLogprobs(members.Value, ref output);
                else if (members.Name.SequenceEqual("finish_reason"u8) && members.Value.SequenceEqual("\"tool_calls\""u8))
                    output.Member("finish_reason"u8, "\"stop\""u8);
                else
                    output.Member(members.Name, members.Value);
            }

            output.EndObject();
        }

        output.EndArray();
    }

    private static void WriteText(ReadOnlySpan<byte> message, ref JsonOutput output, ref CopiedText copied)
    {
        var content = JsonMembers.Find(message, "content"u8);
        // A refusal has no place of its own here: it is what the model said.
        if (content is not [(byte)'"', _, _, ..] && JsonMembers.Find(message, "refusal"u8) is [(byte)'"', _, _, ..] refusal)
            content = refusal;
        output.Name("text"u8);
        if (content is [(byte)'"', _, _, ..])
            copied.Add(content[1..^1], output.Length + 1);
        output.Raw(content is [(byte)'"', ..] ? content : "\"\""u8);
        var reasoning = JsonMembers.Find(message, "reasoning"u8);
        if (reasoning is [(byte)'"', ..])
            output.Member("reasoning"u8, reasoning);
    }

    /// <summary>By columns here, by tokens there. Offsets count characters of the tokens of this piece.</summary>
    private static void WriteLogprobs(ReadOnlySpan<byte> chat, ref JsonOutput output)
    {
        output.Name("logprobs"u8);
        var content = chat is [(byte)'{', ..] ? JsonMembers.Find(chat, "content"u8) : default;
        if (content is not [(byte)'[', ..])
        {
            output.Null();
            return;
        }

        output.BeginObject();
        output.Name("tokens"u8);
        WriteColumn(content, "token"u8, ref output);
        output.Name("token_logprobs"u8);
        WriteColumn(content, "logprob"u8, ref output);
        output.Name("top_logprobs"u8);
        output.BeginArray();
        var tokens = new JsonElements(content);
        while (tokens.Next())
            WriteAlternatives(JsonMembers.Find(tokens.Value, "top_logprobs"u8), ref output);
        output.EndArray();
        output.Name("text_offset"u8);
        output.BeginArray();
        var offset = 0L;
        tokens = new JsonElements(content);
        while (tokens.Next())
        {
            output.Number(offset);
            offset += JsonText.ToText(JsonMembers.FindString(tokens.Value, "token"u8)).Length;
        }

        output.EndArray();
        output.EndObject();
    }

    private static void WriteColumn(ReadOnlySpan<byte> tokens, ReadOnlySpan<byte> member, ref JsonOutput output)
    {
        output.BeginArray();
        var elements = new JsonElements(tokens);
        while (elements.Next())
        {
            var value = JsonMembers.Find(elements.Value, member);
            output.Raw(value.IsEmpty ? "null"u8 : value);
        }

        output.EndArray();
    }

    private static void WriteAlternatives(ReadOnlySpan<byte> alternatives, ref JsonOutput output)
    {
        output.BeginObject();
        var elements = new JsonElements(alternatives.IsEmpty ? "[]"u8 : alternatives);
        while (elements.Next())
        {
            var logprob = JsonMembers.Find(elements.Value, "logprob"u8);
            output.Member(JsonMembers.FindString(elements.Value, "token"u8), logprob.IsEmpty ? "null"u8 : logprob);
        }

        output.EndObject();
    }
}
