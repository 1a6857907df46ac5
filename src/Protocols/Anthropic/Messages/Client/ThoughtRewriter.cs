using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// Thoughts of an assistant's turn as <c>reasoning_details</c>. One without a signature was made by no model of this vendor (I-55): it stays as readable
/// reasoning, for those that take it as text.
/// </summary>
internal static class ThoughtRewriter
{
    /// <summary>The turn holds a thought without a signature, which the vendor would refuse.</summary>
    public static bool HasUnsigned(JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array)
            return false;
        foreach (var block in content.EnumerateArray())
        {
            if (block.Text("type"u8) == "thinking" && string.IsNullOrEmpty(block.Text("signature"u8)))
                return true;
        }

        return false;
    }

    public static void Write(JsonElement content, Utf8JsonWriter chat)
    {
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (block.Text("type"u8) is not ("thinking" or "redacted_thinking"))
                continue;
            if (index == 0)
                chat.WriteStartArray("reasoning_details"u8);
            WriteOne(block, index++, chat);
        }

        if (index > 0)
            chat.WriteEndArray();
    }

    private static void WriteOne(JsonElement block, int index, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        if (block.Text("type"u8) == "redacted_thinking")
        {
            chat.WriteString("type"u8, "reasoning.encrypted"u8);
            chat.WriteString("data"u8, block.Text("data"u8) ?? "");
            chat.WriteString("format"u8, ReasoningReplay.Anthropic);
        }
        else
        {
            chat.WriteString("type"u8, "reasoning.text"u8);
            chat.WriteString("text"u8, block.Text("thinking"u8) ?? "");
            var signature = block.Text("signature"u8);
            if (!string.IsNullOrEmpty(signature))
                chat.WriteString("signature"u8, signature);
            chat.WriteString("format"u8, string.IsNullOrEmpty(signature) ? ReasoningReplay.Unknown : ReasoningReplay.Anthropic);
        }

        chat.WriteNumber("index"u8, index);
        chat.WriteEndObject();
    }
}
