using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Writes messages for hosts that want user and assistant to alternate strictly after the system messages (Perplexity, providers §4.3): runs of one
/// role become one message, texts joined by a blank line. Such hosts have no tools: a tool's result is told as the user.
/// </summary>
internal static class AlternatingMessages
{
    private enum Speaker
    {
        None,
        System,
        User,
        Assistant,
    }

    public static void Write(ReadOnlySpan<byte> messages, byte[]? instruction, ref JsonOutput output)
    {
        var open = Speaker.None;
        var isFirst = true;
        var elements = new JsonElements(messages);
        while (elements.Next())
        {
            var speaker = SpeakerOf(JsonMembers.FindString(elements.Value, "role"u8), open);
            Open(speaker, ref open, ref output);
            WriteContent(JsonMembers.Find(elements.Value, "content"u8), JsonMembers.FindString(elements.Value, "name"u8), isFirst ? instruction : null, ref output);
            isFirst = false;
            if (AnswerImages.Find(elements.Value) is { IsEmpty: false } images)
            {
                Open(Speaker.User, ref open, ref output);
                AnswerImages.WriteParts(images, ref output);
            }
        }
        Close(open, ref output);
    }

    private static void Open(Speaker speaker, ref Speaker open, ref JsonOutput output)
    {
        if (speaker == open)
            return;
        Close(open, ref output);
        output.BeginObject();
        output.Member("role"u8, speaker switch { Speaker.System => "\"system\""u8, Speaker.User => "\"user\""u8, _ => "\"assistant\""u8 });
        output.Name("content"u8);
        output.BeginArray();
        open = speaker;
    }

    // A system message after the talk began is said by the user: only leading ones are taken.
    private static Speaker SpeakerOf(ReadOnlySpan<byte> role, Speaker open)
    {
        if (role.SequenceEqual("assistant"u8))
            return Speaker.Assistant;
        var isSystem = role.SequenceEqual("system"u8) || role.SequenceEqual("developer"u8);
        return isSystem && open is Speaker.None or Speaker.System && isSystem ? Speaker.System : Speaker.User;
    }

    private static void Close(Speaker open, ref JsonOutput output)
    {
        if (open == Speaker.None)
            return;
        output.EndArray();
        output.EndObject();
    }

    private static void WriteContent(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name, byte[]? instruction, ref JsonOutput output)
    {
        if (content is [(byte)'"', _, .., (byte)'"'] or [(byte)'"', (byte)'"'])
        {
            output.BeginObject();
            output.Member("type"u8, "\"text\""u8);
            output.Name("text"u8);
            RequestContentEditor.Write(content, name, instruction, HostTable.Of("perplexity"), CacheMarks.None, ref output);
            output.EndObject();
            return;
        }
        var parts = new JsonElements(content);
        while (parts.Next())
            output.Raw(parts.Value);
        if (instruction is null)
            return;
        output.BeginObject();
        output.Member("type"u8, "\"text\""u8);
        output.Name("text"u8);
        output.String(instruction);
        output.EndObject();
    }
}
