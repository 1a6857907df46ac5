using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// Reasoning items as <c>reasoning_details</c> (inference §7.4). One item may be several blocks, all with its number: readable text with a signature, a summary,
/// what is encrypted. <c>format</c> tells whose they are; an item without it that is encrypted or has a summary is OpenAI's.
/// </summary>
internal static class ReasoningRewriter
{
    private const string OpenAI = "openai-responses-v1";

    public static void Write(List<JsonElement> items, Utf8JsonWriter chat)
    {
        if (items.Count == 0)
            return;
        chat.WriteStartArray("reasoning_details"u8);
        for (var i = 0; i < items.Count; i++)
            WriteItem(items[i], i, chat);
        chat.WriteEndArray();
    }

    private static void WriteItem(JsonElement item, int index, Utf8JsonWriter chat)
    {
        var text = Join(item, "content"u8);
        var summary = Join(item, "summary"u8);
        var encrypted = item.Text("encrypted_content"u8);
        var signature = item.Text("signature"u8);
        var format = item.Text("format"u8) ?? (encrypted is null && summary is null ? ReasoningReplay.Unknown : OpenAI);
        if (text is not null || signature is not null)
        {
            Begin("reasoning.text"u8, item, format, index, chat);
            chat.WriteString("text"u8, text ?? "");
            if (signature is not null)
                chat.WriteString("signature"u8, signature);
            chat.WriteEndObject();
        }

        if (summary is not null)
        {
            Begin("reasoning.summary"u8, item, format, index, chat);
            chat.WriteString("summary"u8, summary);
            chat.WriteEndObject();
        }

        if (encrypted is not null)
        {
            Begin("reasoning.encrypted"u8, item, format, index, chat);
            chat.WriteString("data"u8, encrypted);
            chat.WriteEndObject();
        }
    }

    private static void Begin(ReadOnlySpan<byte> type, JsonElement item, string format, int index, Utf8JsonWriter chat)
    {
        chat.WriteStartObject();
        chat.WriteString("type"u8, type);
        if (item.Text("id"u8) is { Length: > 0 } id)
            chat.WriteString("id"u8, id);
        chat.WriteString("format"u8, format);
        chat.WriteNumber("index"u8, index);
    }

    /// <summary>The text of all parts; some write them as plain strings (§10.3).</summary>
    private static string? Join(JsonElement item, ReadOnlySpan<byte> name)
    {
        string? text = null;
        foreach (var part in item.Items(name))
        {
            var piece = part.ValueKind == JsonValueKind.String ? part.Decode() : part.Text("text"u8);
            if (piece is not null)
                text = text is null ? piece : text + "\n\n" + piece;
        }

        return text;
    }
}
