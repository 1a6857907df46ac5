using Fairlead.Protocols.Json;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Writes a <c>delta</c> or <c>message</c> as the contract wants it (inference §4.1, §4.3, §7.3): reasoning under its own names, tool calls in one form,
/// no nulls clients stumble over, members we do not know kept.
/// </summary>
internal static class MessageEditor
{
    /// <summary>The message holds something the model made.</summary>
    public static bool HasOutput(scoped in MessageParts parts, scoped in MessageText text) =>
        !text.Content.IsEmpty || !text.Reasoning.IsEmpty || HasCalls(parts) || !parts.ReasoningDetails.IsEmpty && parts.ReasoningDetails.Length > 2
        || parts.Refusal.Length > 2 || parts.Images.Length > 2 || parts.Audio.Length > 2;

    /// <summary>There are tool calls.</summary>
    public static bool HasCalls(scoped in MessageParts parts) => parts.ToolCalls is [(byte)'[', _, _, ..] || parts.FunctionCall is [(byte)'{', _, _, ..];

    /// <summary>Writes the value of <c>delta</c>.</summary>
    public static void WriteDelta(
        ReadOnlySpan<byte> json, scoped in MessageParts parts, scoped in MessageText text, ChoiceState state, bool excludeReasoning, OutputMeter meter,
        ref JsonOutput output, ref CopiedText copied)
    {
        var hasCalls = HasCalls(parts);
        output.BeginObject();
        output.Name("role"u8);
        output.Raw("\"assistant\""u8);
        output.Name("content"u8);
        if (hasCalls && text.Content.IsEmpty)
        {
            output.Null();
        }
        else
        {
            output.OpenString();
            Copy(text.Content, meter, ref output, ref copied);
            output.CloseString();
        }
        WriteReasoning(parts, text, excludeReasoning, meter, ref output, ref copied);
        if (parts.Refusal.Length > 0)
            output.Member("refusal"u8, parts.Refusal);
        if (parts.Refusal.Length > 2)
            copied.Refuse();
        MeterText.Add(meter, parts.Refusal.Length > 2 ? new TextPiece(parts.Refusal[1..^1], escaped: true) : default);
        if (hasCalls)
            ToolCallEditor.Write(parts, state, whole: false, meter, ref output, ref copied);
        else if (parts.MissingArguments)
            ToolCallEditor.WriteMissingArguments(state.Calls, ref output);
        WriteMedia(parts, ref output);
        parts.CopyOthers(json, ref output);
        output.EndObject();
    }

    /// <summary>Writes the value of <c>message</c>; <paramref name="annotations"/> stand in where the host sent none of its own.</summary>
    public static void WriteMessage(
        ReadOnlySpan<byte> json, scoped in MessageParts parts, scoped in MessageText text, ChoiceState state, bool excludeReasoning, ReadOnlySpan<byte> annotations,
        ref JsonOutput output)
    {
        var copied = default(CopiedText);
        var hasCalls = HasCalls(parts);
        output.BeginObject();
        output.Name("role"u8);
        output.Raw("\"assistant\""u8);
        output.Name("content"u8);
        if (text.HasContent)
        {
            output.OpenString();
            text.Content.WriteTo(ref output);
            output.CloseString();
        }
        else
        {
            output.Null();
        }
        output.Member("refusal"u8, parts.Refusal.IsEmpty ? "null"u8 : parts.Refusal);
        if (text.Reasoning.IsEmpty || excludeReasoning)
        {
            output.Name("reasoning"u8);
            output.Null();
        }
        WriteReasoning(parts, text, excludeReasoning, null, ref output, ref copied);
        if (hasCalls)
            ToolCallEditor.Write(parts, state, whole: true, null, ref output, ref copied);
        WriteMedia(parts, ref output);
        if (parts.Annotations.IsEmpty && !annotations.IsEmpty)
            output.Member("annotations"u8, annotations);
        parts.CopyOthers(json, ref output);
        output.EndObject();
    }

    private static void WriteReasoning(
        scoped in MessageParts parts, scoped in MessageText text, bool exclude, OutputMeter? meter, ref JsonOutput output, ref CopiedText copied)
    {
        if (exclude)
        {
            MeterText.Add(meter, text.Reasoning);
            if (!text.Reasoning.IsEmpty || !parts.ReasoningDetails.IsEmpty)
                copied.Refuse();
            WriteEncryptedDetails(parts.ReasoningDetails, ref output);
            return;
        }
        if (!text.Reasoning.IsEmpty)
        {
            output.Name("reasoning"u8);
            output.OpenString();
            Copy(text.Reasoning, meter, ref output, ref copied);
            output.CloseString();
        }
        if (parts.ReasoningDetails.Length > 2)
        {
            copied.Refuse();
            output.Member("reasoning_details"u8, parts.ReasoningDetails);
        }
        else if (!text.Reasoning.IsEmpty)
        {
            output.Name("reasoning_details"u8);
            output.BeginArray();
            output.BeginObject();
            output.Raw("""
                "type":"reasoning.text","format":"unknown","index":0
                """u8);
            output.Name("text"u8);
            output.OpenString();
            Copy(text.Reasoning, null, ref output, ref copied);
            output.CloseString();
            output.EndObject();
            output.EndArray();
        }
    }

    // I-40: what continues the turn stays even where the text is not wanted.
    private static void WriteEncryptedDetails(ReadOnlySpan<byte> details, ref JsonOutput output)
    {
        if (details.Length <= 2)
            return;
        var opened = false;
        var blocks = new JsonElements(details);
        while (blocks.Next())
        {
            if (!JsonMembers.FindString(blocks.Value, "type"u8).SequenceEqual("reasoning.encrypted"u8))
                continue;
            if (!opened)
            {
                output.Name("reasoning_details"u8);
                output.BeginArray();
                opened = true;
            }
            output.Raw(blocks.Value);
        }
        if (opened)
            output.EndArray();
    }

    private static void WriteMedia(scoped in MessageParts parts, ref JsonOutput output)
    {
        if (!parts.Images.IsEmpty)
            output.Member("images"u8, parts.Images);
        if (!parts.Audio.IsEmpty)
            output.Member("audio"u8, parts.Audio);
        if (!parts.Annotations.IsEmpty)
        {
            output.Name("annotations"u8);
            UrlCitations.WriteList(parts.Annotations, ref output);
        }
    }

    private static void Copy(TextPiece text, OutputMeter? meter, ref JsonOutput output, ref CopiedText copied)
    {
        if (text.IsEmpty)
            return;
        if (text.IsEscaped)
            copied.Add(text.Bytes, output.Length);
        else
            copied.Refuse();
        text.WriteTo(ref output);
        MeterText.Add(meter, text);
    }
}
