using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Copies messages for hosts whose results of tools are text (providers §3.1): pictures, files and what else is in them are shown by a user message behind the run
/// of results, since nothing may stand between them; a line before each tells which call they are of. For one list of messages.
/// </summary>
internal sealed class ToolPictures(RequestMessageEditor editor)
{
    // Parts of the list that are still to be shown: where they begin, and their length. Before those of a result stands the id of its call.
    private readonly List<(int Start, int Length, bool IsId)> held = [];

    /// <summary>Found as bytes: a text that merely mentions the words is looked at without effect.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> messages, in ContentFacts content) =>
        content is not { Images: 0, Files: 0, Audio: 0, Videos: 0 } && messages.IndexOf("\"tool_call_id\""u8) >= 0;

    public void Write(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> message, in MessagePlace place, ref JsonOutput output)
    {
        if (!JsonMembers.FindString(message, "role"u8).SequenceEqual("tool"u8))
        {
            Show(messages, ref output);
            editor.Write(message, place, ref output);
            return;
        }

        var content = JsonMembers.Find(message, "content"u8);
        var before = held.Count;
        if (content is [(byte)'[', ..])
            Hold(messages, JsonMembers.Find(message, "tool_call_id"u8), content);
        if (held.Count == before)
        {
            editor.Write(message, place, ref output);
            return;
        }

        var text = new PooledBuffer();
        WriteTextOnly(message, content, text);
        editor.Write(text.Written, place, ref output);
        text.Release();
    }

    /// <summary>Writes the user message, where there is something to show.</summary>
    public void Show(ReadOnlySpan<byte> messages, ref JsonOutput output)
    {
        if (held.Count == 0)
            return;
        var shown = new PooledBuffer();
        var json = new JsonOutput(shown);
        json.BeginObject();
        json.Member("role"u8, "\"user\""u8);
        json.Name("content"u8);
        json.BeginArray();
        foreach (var (start, length, isId) in held)
        {
            var piece = messages.Slice(start, length);
            if (isId)
                WriteOrigin(piece, ref json);
            else
                json.Raw(piece);
        }

        json.EndArray();
        json.EndObject();
        json.Flush();
        editor.Write(shown.Written, default, ref output);
        shown.Release();
        held.Clear();
    }

    private void Hold(ReadOnlySpan<byte> messages, ReadOnlySpan<byte> id, ReadOnlySpan<byte> content)
    {
        var isFirst = true;
        var parts = new JsonElements(content);
        while (parts.Next())
        {
            if (IsText(parts.Value) || !messages.Overlaps(parts.Value, out var start))
                continue;
            if (isFirst && id is [(byte)'"', ..] && messages.Overlaps(id, out var at))
                held.Add((at, id.Length, true));
            isFirst = false;
            held.Add((start, parts.Value.Length, false));
        }
    }

    // The id as the host is told it.
    private void WriteOrigin(ReadOnlySpan<byte> quotedId, ref JsonOutput output)
    {
        var sent = new PooledBuffer();
        var id = new JsonOutput(sent);
        editor.WriteToolId(quotedId, ref id);
        id.Flush();
        output.BeginObject();
        output.Member("type"u8, "\"text\""u8);
        output.Name("text"u8);
        output.OpenString();
        output.Escaped("From the result of tool call "u8);
        output.Escaped(sent.Written[1..^1]);
        output.Escaped(":"u8);
        output.CloseString();
        output.EndObject();
        sent.Release();
    }

    private static void WriteTextOnly(ReadOnlySpan<byte> message, ReadOnlySpan<byte> content, PooledBuffer target)
    {
        var output = new JsonOutput(target);
        output.BeginObject();
        var members = new JsonMembers(message);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual("content"u8))
            {
                output.Member(members.Name, members.Value);
                continue;
            }

            output.Name("content"u8);
            output.BeginArray();
            var parts = new JsonElements(content);
            var count = 0;
            while (parts.Next())
            {
                if (!IsText(parts.Value))
                    continue;
                output.Raw(parts.Value);
                count++;
            }

            if (count == 0)
                output.Raw("""{"type":"text","text":"The user message behind the tool results shows this result."}"""u8);
            output.EndArray();
        }

        output.EndObject();
        output.Flush();
    }

    private static bool IsText(ReadOnlySpan<byte> part) => JsonMembers.FindString(part, "type"u8).SequenceEqual("text"u8);
}
