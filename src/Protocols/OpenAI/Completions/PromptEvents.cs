using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>What one event of a streamed completion is.</summary>
public enum PromptEvent
{
    /// <summary>A comment, or nothing that is known.</summary>
    Other,
    /// <summary>A chunk with choices.</summary>
    Choices,
    /// <summary>The chunk with the usage. It may have choices too.</summary>
    Usage,
    /// <summary>A chunk with an error.</summary>
    Failure,
    /// <summary><c>[DONE]</c>.</summary>
    Done,
}

/// <summary>
/// The streams of several prompts as one (I-44): the chunks of each keep their order and go on as they come, numbered for the whole; the usage of all comes in one chunk at
/// the end.
/// </summary>
public static class PromptEvents
{
    /// <summary>What an event is.</summary>
    /// <param name="one">The event as the gateway writes it, without the blank line after it.</param>
    /// <param name="chunk">Its JSON; empty where it has none.</param>
    public static PromptEvent Read(ReadOnlySpan<byte> one, out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        if (!one.StartsWith("data: "u8))
            return PromptEvent.Other;
        var data = one["data: ".Length..];
        if (data is not [(byte)'{', ..])
            return data.SequenceEqual("[DONE]"u8) ? PromptEvent.Done : PromptEvent.Other;
        chunk = data;
        var kind = PromptEvent.Choices;
        var members = new JsonMembers(chunk);
        while (members.Next())
        {
            if (members.Kind != JsonTokenType.StartObject)
                continue;
            if (members.Name.SequenceEqual("error"u8))
                return PromptEvent.Failure;
            if (members.Name.SequenceEqual("usage"u8))
                kind = PromptEvent.Usage;
        }

        return kind;
    }

    /// <summary>Whether a chunk has any choice.</summary>
    public static bool HasChoices(ReadOnlySpan<byte> chunk)
    {
        var choices = new JsonElements(JsonMembers.Find(chunk, "choices"u8));
        return choices.Next();
    }

    /// <summary>Writes a chunk of a prompt as one of the whole, without its usage.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="id">Of the whole.</param>
    /// <param name="first">The index of the prompt's first choice.</param>
    /// <param name="target">Where to.</param>
    public static void WriteChunk(ReadOnlySpan<byte> chunk, string id, int first, IBufferWriter<byte> target)
    {
        var output = new JsonOutput(target);
        output.Frame("data: "u8);
        output.BeginObject();
        var members = new JsonMembers(chunk);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("id"u8))
            {
                output.Name("id"u8);
                output.String(id);
            }
            else if (members.Name.SequenceEqual("choices"u8))
                WriteChoices(members.Value, first, ref output);
            else if (!members.Name.SequenceEqual("usage"u8))
                output.Member(members.Name, members.Value);
        }

        output.EndObject();
        output.Frame("\n\n"u8);
        output.Flush();
    }

    /// <summary>Writes the chunk of a prompt that was not answered: its choices end in the error.</summary>
    /// <param name="like">Any chunk of the stream, for what is beside the choices.</param>
    /// <param name="failure">A chunk or a body with the <c>error</c>.</param>
    /// <param name="id">Of the whole.</param>
    /// <param name="first">The index of the prompt's first choice.</param>
    /// <param name="count">How many choices a prompt has.</param>
    /// <param name="target">Where to.</param>
    public static void WriteFailed(ReadOnlyMemory<byte> like, ReadOnlyMemory<byte> failure, string id, int first, int count, IBufferWriter<byte> target)
    {
        using var head = JsonDocument.Parse(like);
        using var error = JsonDocument.Parse(failure);
        WriteEvent(head.RootElement, id, writer => PromptAnswers.WriteChoices(writer, error.RootElement, isGood: false, first, count), [], target);
    }

    /// <summary>Writes the chunk of a stream in which no prompt was answered: the error of the first, as other streams have it.</summary>
    /// <param name="failure">A chunk or a body with the <c>error</c>.</param>
    /// <param name="id">Of the whole.</param>
    /// <param name="target">Where to.</param>
    public static void WriteUnanswered(ReadOnlyMemory<byte> failure, string id, IBufferWriter<byte> target)
    {
        using var error = JsonDocument.Parse(failure);
        target.Write("data: "u8);
        using (var writer = JsonWriting.Create(target))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("object"u8, "text_completion"u8);
            if (error.RootElement.Member("error"u8) is { } reason)
            {
                writer.WritePropertyName("error"u8);
                writer.WriteAsIs(reason);
            }

            writer.WriteStartArray("choices"u8);
            PromptAnswers.WriteChoices(writer, error.RootElement, isGood: false, first: 0, count: 1);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        target.Write("\n\n"u8);
    }

    /// <summary>Writes what comes last where any prompt was answered: the usage of all, added up, and <c>[DONE]</c>.</summary>
    /// <param name="ends">The chunks with usage, in the order of the prompts.</param>
    /// <param name="id">Of the whole.</param>
    /// <param name="target">Where to.</param>
    public static void WriteEnd(IReadOnlyList<ReadOnlyMemory<byte>> ends, string id, IBufferWriter<byte> target)
    {
        var documents = ends.Select(static end => JsonDocument.Parse(end)).ToList();
        if (documents.Count > 0)
            WriteEvent(documents[0].RootElement, id, static _ => { }, [.. documents.Select(static end => end.RootElement.Member("usage"u8)).OfType<JsonElement>()], target);
        documents.ForEach(static document => document.Dispose());
        WriteDone(target);
    }

    /// <summary>Writes <c>[DONE]</c>.</summary>
    public static void WriteDone(IBufferWriter<byte> target) => target.Write("data: [DONE]\n\n"u8);

    private static void WriteEvent(JsonElement head, string id, Action<Utf8JsonWriter> choices, List<JsonElement> usages, IBufferWriter<byte> target)
    {
        target.Write("data: "u8);
        PromptAnswers.WriteObject(head, id, choices, usages, target);
        target.Write("\n\n"u8);
    }

    private static void WriteChoices(ReadOnlySpan<byte> choices, int first, ref JsonOutput output)
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
                if (members.Name.SequenceEqual("index"u8) && Utf8Number(members.Value) is { } index)
                    output.Number("index"u8, first + index);
                else
                    output.Member(members.Name, members.Value);
            }

            output.EndObject();
        }

        output.EndArray();
    }

    private static int? Utf8Number(ReadOnlySpan<byte> value) => System.Buffers.Text.Utf8Parser.TryParse(value, out int number, out var read) && read == value.Length ? number : null;
}
