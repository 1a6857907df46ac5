using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>The members of a <c>delta</c> or <c>message</c> that mean something to us, as they stand in the source; empty when absent or null.</summary>
internal ref struct MessageParts
{
    public ReadOnlySpan<byte> Content;
    public ReadOnlySpan<byte> Reasoning;
    public ReadOnlySpan<byte> ReasoningContent;
    public ReadOnlySpan<byte> ReasoningDetails;
    public ReadOnlySpan<byte> Refusal;
    public ReadOnlySpan<byte> ToolCalls;
    public ReadOnlySpan<byte> FunctionCall;
    public ReadOnlySpan<byte> Images;
    public ReadOnlySpan<byte> Audio;
    public ReadOnlySpan<byte> Annotations;
    /// <summary>Calls that never got arguments are to be completed (set by us, not read).</summary>
    public bool MissingArguments;
    /// <summary>There are members beside these.</summary>
    public bool HasOthers;
    /// <summary>There are members at all.</summary>
    public bool HasAny;

    /// <summary>Reads <paramref name="json"/>, an object.</summary>
    public static MessageParts Read(ReadOnlySpan<byte> json)
    {
        var parts = default(MessageParts);
        if (json.IsEmpty)
            return parts;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            parts.HasAny = true;
            var value = members.ValueOrNothing;
            switch (members.Name.Length)
            {
                case 4 when members.Name.SequenceEqual("role"u8):
                    break;
                case 5 when members.Name.SequenceEqual("audio"u8):
                    parts.Audio = value;
                    break;
                case 6 when members.Name.SequenceEqual("images"u8):
                    parts.Images = value;
                    break;
                case 7 when members.Name.SequenceEqual("content"u8):
                    parts.Content = value;
                    break;
                case 7 when members.Name.SequenceEqual("refusal"u8):
                    parts.Refusal = value;
                    break;
                case 9 when members.Name.SequenceEqual("reasoning"u8):
                    parts.Reasoning = value;
                    break;
                case 10 when members.Name.SequenceEqual("tool_calls"u8):
                    parts.ToolCalls = value;
                    break;
                case 11 when members.Name.SequenceEqual("annotations"u8):
                    parts.Annotations = value;
                    break;
                case 13 when members.Name.SequenceEqual("function_call"u8):
                    parts.FunctionCall = value;
                    break;
                case 17 when members.Name.SequenceEqual("reasoning_content"u8):
                    parts.ReasoningContent = value;
                    break;
                case 17 when members.Name.SequenceEqual("reasoning_details"u8):
                    parts.ReasoningDetails = value;
                    break;
                default:
                    parts.HasOthers = true;
                    break;
            }
        }
        return parts;
    }

    /// <summary>Copies the members that are not read above.</summary>
    public readonly void CopyOthers(ReadOnlySpan<byte> json, ref JsonOutput output)
    {
        if (!HasOthers)
            return;
        var members = new JsonMembers(json);
        while (members.Next())
        {
            if (!IsKnown(members.Name))
                output.Member(members.Name, members.Value);
        }
    }

    private static bool IsKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("role"u8) || name.SequenceEqual("content"u8) || name.SequenceEqual("refusal"u8) || name.SequenceEqual("reasoning"u8)
        || name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning_details"u8) || name.SequenceEqual("tool_calls"u8)
        || name.SequenceEqual("function_call"u8) || name.SequenceEqual("images"u8) || name.SequenceEqual("audio"u8) || name.SequenceEqual("annotations"u8);
}
