using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// The plain reasoning a caller sends back, for hosts that take it as text. Details win over the plain text (I-39); only those such hosts produce
/// themselves (format <c>unknown</c> or none of another family) are theirs.
/// </summary>
internal static class ReasoningReplayText
{
    public static void Join(ReadOnlySpan<byte> details, ReadOnlySpan<byte> plainInside, PooledBuffer text)
    {
        var blocks = 0;
        var elements = new JsonElements(details);
        for (; elements.Next(); blocks++)
        {
            if (JsonMembers.FindString(elements.Value, "format"u8).SequenceEqual("unknown"u8)
                && JsonMembers.FindString(elements.Value, "type"u8).SequenceEqual("reasoning.text"u8))
            {
                Append(JsonMembers.FindString(elements.Value, "text"u8), text);
            }
        }
        if (blocks == 0)
            Append(plainInside, text);
    }

    private static void Append(ReadOnlySpan<byte> inside, PooledBuffer text)
    {
        if (inside.IsEmpty)
            return;
        text.Advance(JsonText.Unescape(inside, text.GetSpan(inside.Length)));
    }
}
