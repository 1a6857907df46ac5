using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Editing;

/// <summary>A file part of a request.</summary>
/// <param name="Message">Which message it stands in.</param>
/// <param name="Part">Which part of its content it is.</param>
/// <param name="File">What it holds.</param>
public sealed record ChatFile(int Message, int Part, FilePart File);

/// <summary>The file parts of chat messages: found, and replaced by what a parser made of them. What is not replaced keeps its bytes.</summary>
public static class ChatFiles
{
    /// <summary>Every file part, in order.</summary>
    public static IReadOnlyList<ChatFile> Find(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var files = new List<ChatFile>();
        for (var message = 0; message < messages.Count; message++)
        {
            var parts = new JsonElements(JsonMembers.Find(messages[message].Span, "content"u8));
            for (var part = 0; parts.Next(); part++)
            {
                if (!JsonMembers.FindString(parts.Value, "type"u8).SequenceEqual("file"u8))
                    continue;
                var file = JsonMembers.Find(parts.Value, "file"u8);
                files.Add(new ChatFile(message, part, new FilePart(Text(file, "filename"u8), Text(file, "file_data"u8), Text(file, "file_id"u8))));
            }
        }

        return files;
    }

    /// <summary>The files that assistant messages bring back as annotations (inference §3.8), in order. What is none of that form is passed over.</summary>
    public static IReadOnlyList<FileParsed> Annotated(IReadOnlyList<ReadOnlyMemory<byte>> messages)
    {
        var files = new List<FileParsed>();
        foreach (var message in messages)
        {
            var annotations = new JsonElements(JsonMembers.Find(message.Span, "annotations"u8));
            while (annotations.Next())
            {
                if (!JsonMembers.FindString(annotations.Value, "type"u8).SequenceEqual("file"u8))
                    continue;
                var file = JsonMembers.Find(annotations.Value, "file"u8);
                if (Text(file, "hash"u8) is { } hash && PartsOf(JsonMembers.Find(file, "content"u8)) is { Count: > 0 } content)
                    files.Add(new FileParsed(hash, Text(file, "name"u8) ?? "", Write(content)));
            }
        }

        return files;
    }

    /// <summary>The content of an annotation as parts: texts, and pictures as <c>data:</c> URLs or addresses; others are left out.</summary>
    public static IReadOnlyList<Part> PartsOf(ReadOnlySpan<byte> content)
    {
        var parts = new List<Part>();
        var elements = new JsonElements(content);
        while (elements.Next())
        {
            if (Text(elements.Value, "text"u8) is { } text)
                parts.Add(new TextPart(text));
            else if (Text(JsonMembers.Find(elements.Value, "image_url"u8), "url"u8) is { } url)
                parts.Add(new ImagePart(url, null));
        }

        return parts;
    }

    /// <summary>Parts as a JSON array, the content of an annotation.</summary>
    public static string Write(IReadOnlyList<Part> parts)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = JsonWriting.Create(output))
        {
            json.WriteStartArray();
            foreach (var part in parts)
                Write(json, part);
            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The message with some of its parts replaced, each by at least one other. A cache breakpoint on a replaced part goes on to the last that stands for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="replacements">The parts, by place; texts and pictures.</param>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> message, IReadOnlyDictionary<int, IReadOnlyList<Part>> replacements)
    {
        var source = message.Span;
        var output = new ArrayBufferWriter<byte>(source.Length);
        var copied = 0;
        var parts = new JsonElements(JsonMembers.Find(source, "content"u8));
        for (var part = 0; parts.Next(); part++)
        {
            if (!replacements.TryGetValue(part, out var others))
                continue;
            source.Overlaps(parts.Value, out var at);
            output.Write(source[copied..at]);
            copied = at + parts.Value.Length;
            WriteAll(output, others, JsonMembers.Find(parts.Value, "cache_control"u8));
        }

        output.Write(source[copied..]);
        return output.WrittenMemory;
    }

    private static void WriteAll(ArrayBufferWriter<byte> output, IReadOnlyList<Part> parts, ReadOnlySpan<byte> mark)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            using var json = JsonWriting.Create(output);
            Write(json, parts[i], i == parts.Count - 1 ? mark : default);
        }
    }

    private static void Write(Utf8JsonWriter json, Part part, ReadOnlySpan<byte> mark = default)
    {
        json.WriteStartObject();
        if (part is ImagePart image)
        {
            json.WriteString("type"u8, "image_url"u8);
            json.WriteStartObject("image_url"u8);
            json.WriteString("url"u8, image.Url);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, ((TextPart)part).Text);
        }

        if (!mark.IsEmpty)
        {
            json.WritePropertyName("cache_control"u8);
            json.WriteRawValue(mark, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        JsonMembers.Find(json, name) is [(byte)'"', .. var inside, (byte)'"'] ? JsonText.ToText(inside) : null;
}
