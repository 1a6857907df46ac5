using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// Turns of role <c>system</c> (inference §12.1), which the vendor takes only by a beta feature: leading ones go behind the system prompt, later ones speak from the
/// user's side, as in <see cref="AnthropicTurns"/>. Their blocks keep their bytes.
/// </summary>
internal static class SystemTurns
{
    private const string Beta = "mid-conversation-system-2026-04-07";

    /// <summary>There are such turns, and they must be moved.</summary>
    public static bool MustMove(ReadOnlySpan<byte> messages, UpstreamTarget target, UpstreamCall call)
    {
        if (target.Host is CloudHost.None or CloudHost.Azure && call.AnthropicBetas?.Contains(Beta) == true)
            return false;
        var turns = new JsonElements(messages);
        while (turns.Next())
        {
            if (IsSystem(turns.Value))
                return true;
        }

        return false;
    }

    /// <summary>Writes the member <c>system</c>, if anything is in it, and the member <c>messages</c>.</summary>
    public static void Write(ReadOnlySpan<byte> system, ReadOnlySpan<byte> messages, Utf8JsonWriter writer)
    {
        var leading = Leading(messages);
        WriteSystem(system, messages, leading, writer);
        WriteTurns(messages, leading, writer);
    }

    private static int Leading(ReadOnlySpan<byte> messages)
    {
        var count = 0;
        var turns = new JsonElements(messages);
        while (turns.Next() && IsSystem(turns.Value))
            count++;
        return count;
    }

    private static void WriteSystem(ReadOnlySpan<byte> system, ReadOnlySpan<byte> messages, int leading, Utf8JsonWriter writer)
    {
        var opened = false;
        WriteBlocks(system, ref opened, writer);
        var turns = new JsonElements(messages);
        for (var i = 0; i < leading && turns.Next(); i++)
            WriteBlocks(JsonMembers.Find(turns.Value, "content"u8), ref opened, writer);
        if (opened)
            writer.WriteEndArray();
    }

    // Empty texts are refused there.
    private static void WriteBlocks(ReadOnlySpan<byte> content, ref bool opened, Utf8JsonWriter writer)
    {
        if (content is [(byte)'"', _, _, ..])
        {
            Open(ref opened, writer);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WritePropertyName("text"u8);
            writer.WriteRawValue(content, skipInputValidation: true);
            writer.WriteEndObject();
        }
        else if (content is [(byte)'[', ..])
        {
            var blocks = new JsonElements(content);
            while (blocks.Next())
            {
                Open(ref opened, writer);
                writer.WriteRawValue(blocks.Value, skipInputValidation: true);
            }
        }
    }

    private static void Open(ref bool opened, Utf8JsonWriter writer)
    {
        if (!opened)
            writer.WriteStartArray("system"u8);
        opened = true;
    }

    private static void WriteTurns(ReadOnlySpan<byte> messages, int leading, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("messages"u8);
        // Where they begin, and their length: those a turn of results must precede, which stands right behind its calls.
        var waiting = new List<(int Start, int Length)>();
        var count = 0;
        var turns = new JsonElements(messages);
        for (var i = 0; turns.Next(); i++)
        {
            if (i < leading)
                continue;
            count++;
            if (IsSystem(turns.Value))
            {
                if (!IsEmpty(JsonMembers.Find(turns.Value, "content"u8)) && messages.Overlaps(turns.Value, out var start))
                    waiting.Add((start, turns.Value.Length));
                continue;
            }

            var first = HasResults(turns.Value);
            if (first)
                writer.WriteRawValue(turns.Value, skipInputValidation: true);
            WriteWaiting(messages, waiting, writer);
            if (!first)
                writer.WriteRawValue(turns.Value, skipInputValidation: true);
        }

        WriteWaiting(messages, waiting, writer);
        if (count == 0)
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, "user"u8);
            writer.WriteString("content"u8, AnthropicTurns.Placeholder);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteWaiting(ReadOnlySpan<byte> messages, List<(int Start, int Length)> waiting, Utf8JsonWriter writer)
    {
        foreach (var (start, length) in waiting)
        {
            writer.WriteStartObject();
            var members = new JsonMembers(messages.Slice(start, length));
            while (members.Next())
            {
                writer.WritePropertyName(members.Name);
                writer.WriteRawValue(members.Name.SequenceEqual("role"u8) ? "\"user\""u8 : members.Value, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        waiting.Clear();
    }

    private static bool HasResults(ReadOnlySpan<byte> turn)
    {
        var blocks = new JsonElements(JsonMembers.Find(turn, "content"u8) is [(byte)'[', ..] and var content ? content : "[]"u8);
        while (blocks.Next())
        {
            if (JsonMembers.FindString(blocks.Value, "type"u8).SequenceEqual("tool_result"u8))
                return true;
        }

        return false;
    }

    private static bool IsEmpty(ReadOnlySpan<byte> content) => content.Length <= 2;

    private static bool IsSystem(ReadOnlySpan<byte> turn) => JsonMembers.FindString(turn, "role"u8).SequenceEqual("system"u8);
}
