using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>A whole message out of canonical events (inference §12.2): thoughts, then text, then calls.</summary>
internal static class MessagesAnswerWriter
{
    public static void Write(AnswerReading reading, IReadOnlyList<AnswerEvent> events, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        var parts = new AnswerParts(events, identity);
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        WriteHead(writer, identity);
        writer.WriteStartArray("content"u8);
        foreach (var detail in parts.Details)
            WriteThought(writer, detail);
        if ((parts.Text ?? parts.Refusal) is { Length: > 0 } text)
            WriteText(writer, text, parts.Citations);
        foreach (var call in parts.Calls)
            WriteCall(writer, call);
        writer.WriteEndArray();
        var finish = reading.Finish.Reconcile(parts.Calls.Count > 0);
        writer.WriteString("stop_reason"u8, StopReasons.Of(finish, reading.NativeFinish));
        writer.WriteNull("stop_sequence"u8);
        WriteStopDetails(writer, finish, parts.Refusal);
        writer.WriteNull("container"u8);
        writer.WritePropertyName("usage"u8);
        MessagesUsageWriter.Write(writer, charge);
        if (!charge.RouterMetadata.IsEmpty)
        {
            writer.WritePropertyName("openrouter_metadata"u8);
            writer.WriteRawValue(charge.RouterMetadata.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <summary>What every message begins with, whole or streamed.</summary>
    public static void WriteHead(Utf8JsonWriter writer, AnswerIdentity identity)
    {
        writer.WriteString("id"u8, identity.GenerationId);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, identity.Model);
        writer.WriteString("provider"u8, identity.Provider);
    }

    /// <summary>Why the model refused; null where it did not.</summary>
    public static void WriteStopDetails(Utf8JsonWriter writer, FinishReason finish, string? refusal)
    {
        if (finish != FinishReason.ContentFilter)
        {
            writer.WriteNull("stop_details"u8);
            return;
        }

        writer.WriteStartObject("stop_details"u8);
        writer.WriteString("type"u8, "refusal"u8);
        writer.WriteNull("category"u8);
        writer.WriteString("explanation"u8, refusal);
        writer.WriteEndObject();
    }

    // Blocks of other vendors that are not readable have no place here (docs/protocols/messages.md).
    private static void WriteThought(Utf8JsonWriter writer, ReasoningDetail detail)
    {
        if (Thoughts.IsRedacted(detail))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "redacted_thinking"u8);
            writer.WriteString("data"u8, detail.Data);
            writer.WriteEndObject();
        }
        else if ((detail.Text ?? detail.Summary) is not null || Thoughts.SignatureOf(detail) is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "thinking"u8);
            writer.WriteString("thinking"u8, detail.Text ?? detail.Summary ?? "");
            writer.WriteString("signature"u8, Thoughts.SignatureOf(detail) ?? "");
            writer.WriteEndObject();
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string text, List<UrlCitation> citations)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        if (citations.Count == 0)
        {
            writer.WriteNull("citations"u8);
        }
        else
        {
            writer.WriteStartArray("citations"u8);
            foreach (var citation in citations)
                WriteCitation(writer, citation);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>A citation of a page found on the web.</summary>
    public static void WriteCitation(Utf8JsonWriter writer, UrlCitation citation)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "web_search_result_location"u8);
        writer.WriteString("url"u8, citation.Url);
        writer.WriteString("title"u8, citation.Title);
        writer.WriteString("cited_text"u8, citation.Content ?? "");
        writer.WriteString("encrypted_index"u8, ""u8);
        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, AnswerParts.CallFragments call)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, call.Call.Id);
        writer.WriteString("name"u8, call.Call.Name);
        writer.WritePropertyName("input"u8);
        writer.WriteArguments(call.Arguments.ToString());
        writer.WriteEndObject();
    }
}
