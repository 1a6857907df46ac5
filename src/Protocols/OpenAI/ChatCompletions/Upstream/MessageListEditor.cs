using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Copies <c>messages</c>, editing those that need it; hosts with strict alternation get runs of one role joined.</summary>
internal static class MessageListEditor
{
    public static void Write(ReadOnlySpan<byte> messages, RequestContext context, ref JsonOutput output)
    {
        var outline = MessageOutline.Read(messages);
        var instruction = ResponseFormatEditor.Instruction(context);
        output.BeginArray();
        if (instruction is not null && !outline.BeginsWithSystem)
        {
            output.BeginObject();
            output.Member("role"u8, "\"system\""u8);
            output.Name("content"u8);
            output.String(instruction);
            output.EndObject();
            instruction = null;
        }
        if (context.Quirks.StrictAlternation)
            AlternatingMessages.Write(messages, instruction, ref output);
        else
            WriteEach(messages, outline, instruction, context, ref output);
        output.EndArray();
    }

    private static void WriteEach(ReadOnlySpan<byte> messages, in MessageOutline outline, byte[]? instruction, RequestContext context, ref JsonOutput output)
    {
        var editor = new RequestMessageEditor(context);
        var pictures = context.Quirks.TextToolResults && ToolPictures.MayBeIn(messages, context.Request.Content) ? new ToolPictures(editor) : null;
        var showsImages = context.Request.Content.Images > 0 && !context.KeepsImages;
        var shown = default(ReadOnlySpan<byte>);
        var elements = new JsonElements(messages);
        for (var index = 0; elements.Next(); index++)
        {
            // Behind the results of the turn's calls, which nothing may part from it.
            if (!shown.IsEmpty && !JsonMembers.FindString(elements.Value, "role"u8).SequenceEqual("tool"u8))
            {
                AnswerImages.WriteMessage(shown, ref output);
                shown = default;
            }

            var images = showsImages ? AnswerImages.Find(elements.Value) : default;
            var place = new MessagePlace(
                InToolLoop: index > outline.LastUser, IsLast: index == outline.Count - 1 && images.IsEmpty, Instruction: index == 0 ? instruction : null);
            if (pictures is null)
                editor.Write(elements.Value, place, ref output);
            else
                pictures.Write(messages, elements.Value, place, ref output);
            if (!images.IsEmpty)
                shown = images;
        }

        if (!shown.IsEmpty)
            AnswerImages.WriteMessage(shown, ref output);
        pictures?.Show(messages, ref output);
    }
}

/// <summary>Where a message stands.</summary>
/// <param name="InToolLoop">After the last user message: the turn the model is still in.</param>
/// <param name="IsLast">It is the last one.</param>
/// <param name="Instruction">Text to add to it, or null.</param>
internal readonly record struct MessagePlace(bool InToolLoop, bool IsLast, byte[]? Instruction);

/// <summary>What must be known of all messages before the first is written.</summary>
/// <param name="Count">Number of messages.</param>
/// <param name="LastUser">Index of the last user message; −1 when there is none.</param>
/// <param name="BeginsWithSystem">The first message is a system or developer message.</param>
internal readonly record struct MessageOutline(int Count, int LastUser, bool BeginsWithSystem)
{
    public static MessageOutline Read(ReadOnlySpan<byte> messages)
    {
        var (count, lastUser, system) = (0, -1, false);
        var elements = new JsonElements(messages);
        while (elements.Next())
        {
            var role = JsonMembers.FindString(elements.Value, "role"u8);
            if (role.SequenceEqual("user"u8))
                lastUser = count;
            if (count == 0)
                system = role.SequenceEqual("system"u8) || role.SequenceEqual("developer"u8);
            count++;
        }
        return new MessageOutline(count, lastUser, system);
    }
}
