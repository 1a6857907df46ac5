using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// Reasoning a caller sends back, as items (providers contract §3.2, I-39). Only encrypted reasoning can be taken up where nothing is stored: summaries and
/// texts without it are left out, as are blocks of other platforms.
/// </summary>
internal static class ResponsesReplay
{
    /// <summary>Writes the items of <paramref name="message"/>.</summary>
    public static void Write(Utf8JsonWriter writer, Message message, string format)
    {
        var summary = new StringBuilder();
        string? summarized = null;
        foreach (var detail in message.ReasoningDetails)
        {
            if (detail.Format != format)
                continue;
            if (detail is { Type: ResponsesReasoning.Summary, Summary: { } piece })
            {
                if (detail.Id != summarized)
                    summary.Clear();
                summarized = detail.Id;
                summary.Append(piece);
            }
            else if (detail is { Type: ResponsesReasoning.Encrypted, Data: { Length: > 0 } data })
            {
                WriteItem(writer, detail.Id, detail.Id == summarized ? summary.ToString() : "", data);
                summary.Clear();
                summarized = null;
            }
        }
    }

    private static void WriteItem(Utf8JsonWriter writer, string? id, string summary, string data)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, ResponsesItemTypes.Reasoning);
        if (id is not null)
            writer.WriteString("id"u8, id);
        writer.WriteStartArray("summary"u8);
        if (summary.Length > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, ResponsesItemTypes.SummaryText);
            writer.WriteString("text"u8, summary);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("encrypted_content"u8, data);
        writer.WriteEndObject();
    }
}
