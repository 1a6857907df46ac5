using System.Text.Json;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Copies the <c>content</c> of a request's message: a string, parts, or null (inference §3.3).</summary>
internal static class RequestContentEditor
{
    /// <summary>Some part may have to change whatever the host: found as bytes, so a mention inside a text counts too.</summary>
    public static bool MayNeedChange(ReadOnlySpan<byte> content) =>
        content.IndexOf("\"input_video\""u8) >= 0 || content.IndexOf("\"file_data\""u8) >= 0 || content.IndexOf("\"original\""u8) >= 0;

    /// <summary>Writes the value.</summary>
    /// <param name="content">The source.</param>
    /// <param name="speaker">The speaker's name to put before the text, as the inside of a string; empty for none.</param>
    /// <param name="addition">Text to add at the end, or null.</param>
    /// <param name="quirks">The host.</param>
    /// <param name="marks">How marks of prompt caching are said there.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ReadOnlySpan<byte> content, ReadOnlySpan<byte> speaker, byte[]? addition, HostQuirks quirks, CacheMarks marks, ref JsonOutput output)
    {
        if (content[0] == (byte)'[')
        {
            WriteParts(content, speaker, addition, quirks, marks, ref output);
            return;
        }
        if (content[0] != (byte)'"' && addition is null)
        {
            output.Raw(content);
            return;
        }
        output.OpenString();
        WriteSpeaker(speaker, ref output);
        if (content[0] == (byte)'"')
            output.Escaped(content[1..^1]);
        if (addition is not null)
        {
            output.Escaped("\\n\\n"u8);
            output.Text(addition);
        }
        output.CloseString();
    }

    private static void WriteParts(ReadOnlySpan<byte> content, ReadOnlySpan<byte> speaker, byte[]? addition, HostQuirks quirks, CacheMarks marks, ref JsonOutput output)
    {
        output.BeginArray();
        var elements = new JsonElements(content);
        while (elements.Next())
        {
            if (quirks.DocumentParts && DocumentParts.IsOne(elements.Value))
            {
                DocumentParts.Write(elements.Value, ref output);
                continue;
            }

            var before = speaker;
            WritePart(elements.Value, before, quirks, marks, out var used, ref output);
            if (used)
                speaker = default;
        }
        if (addition is not null)
        {
            output.BeginObject();
            output.Member("type"u8, "\"text\""u8);
            output.Name("text"u8);
            output.String(addition);
            output.EndObject();
        }
        output.EndArray();
    }

    private static void WritePart(ReadOnlySpan<byte> part, ReadOnlySpan<byte> speaker, HostQuirks quirks, CacheMarks marks, out bool usedSpeaker, ref JsonOutput output)
    {
        var marked = false;
        usedSpeaker = false;
        output.BeginObject();
        var members = new JsonMembers(part);
        while (members.Next())
        {
            var name = members.Name;
            if (name.SequenceEqual("cache_control"u8) || name.SequenceEqual("prompt_cache_breakpoint"u8))
            {
                if (!marked && members.Kind == JsonTokenType.StartObject)
                    marked = WriteMark(part, name, members.Value, marks, ref output);
                continue;
            }

            if (name.SequenceEqual("type"u8) && members.Value.SequenceEqual("\"input_video\""u8))
            {
                output.Member(name, "\"video_url\""u8);
            }
            else if (!quirks.KnowsRefusals && name.SequenceEqual("type"u8) && members.Value.SequenceEqual("\"refusal\""u8))
            {
                output.Member(name, "\"text\""u8);
            }
            else if (!quirks.KnowsRefusals && name.SequenceEqual("refusal"u8))
            {
                output.Member("text"u8, members.Value);
            }
            else if (name.SequenceEqual("text"u8) && members.Kind == JsonTokenType.String && !speaker.IsEmpty)
            {
                output.Name(name);
                output.OpenString();
                WriteSpeaker(speaker, ref output);
                output.Escaped(members.Inside);
                output.CloseString();
                usedSpeaker = true;
            }
            else if (name.SequenceEqual("image_url"u8) && members.Kind == JsonTokenType.StartObject)
            {
                WriteInner(name, members.Value, "detail"u8, "\"original\""u8, "\"high\""u8, ref output);
            }
            else if (name.SequenceEqual("file"u8) && members.Kind == JsonTokenType.StartObject)
            {
                WriteFile(members.Value, ref output);
            }
            else
            {
                output.Member(name, members.Value);
            }
        }
        output.EndObject();
    }

    /// <summary>Writes a mark in the host's form; of two forms on one part the host's own counts.</summary>
    private static bool WriteMark(ReadOnlySpan<byte> part, ReadOnlySpan<byte> name, ReadOnlySpan<byte> mark, CacheMarks form, ref JsonOutput output)
    {
        if (form == CacheMarks.None)
            return false;
        var own = form == CacheMarks.Control ? "cache_control"u8 : "prompt_cache_breakpoint"u8;
        var converted = form == CacheMarks.Control ? """{"type":"ephemeral"}"""u8 : """{"mode":"explicit"}"""u8;
        if (!name.SequenceEqual(own) && JsonMembers.Find(part, own) is [(byte)'{', ..])
            return false;
        output.Member(own, name.SequenceEqual(own) ? mark : converted);
        return true;
    }

    private static void WriteInner(
        ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ReadOnlySpan<byte> inner, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ref JsonOutput output)
    {
        output.Name(name);
        output.BeginObject();
        var members = new JsonMembers(json);
        while (members.Next())
            output.Member(members.Name, members.Name.SequenceEqual(inner) && members.Value.SequenceEqual(from) ? to : members.Value);
        output.EndObject();
    }

    // I-13: bare base64 that is a PDF by its first bytes gets the prefix hosts want.
    private static void WriteFile(ReadOnlySpan<byte> json, ref JsonOutput output)
    {
        output.Name("file"u8);
        output.BeginObject();
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (members.Name.SequenceEqual("file_data"u8) && members.Kind == JsonTokenType.String && members.Inside.StartsWith("JVBERi"u8))
            {
                output.Name("file_data"u8);
                output.OpenString();
                output.Escaped("data:application/pdf;base64,"u8);
                output.Escaped(members.Inside);
                output.CloseString();
            }
            else
            {
                output.Member(members.Name, members.Value);
            }
        }
        output.EndObject();
    }

    private static void WriteSpeaker(ReadOnlySpan<byte> speaker, ref JsonOutput output)
    {
        if (speaker.IsEmpty)
            return;
        output.Escaped(speaker);
        output.Escaped(": "u8);
    }
}
