using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>
/// A whole <c>chat.completion</c> out of canonical events (inference §4.1). Members clients read as nullable are there even when empty;
/// <c>tool_calls</c> and the other lists are left out when empty.
/// </summary>
internal static class AnswerWriter
{
    public static void Write(AnswerReading reading, IReadOnlyList<AnswerEvent> events, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        var parts = new AnswerParts(events, identity);
        using var writer = new Utf8JsonWriter(output, ChatJson.Options);
        AnswerPieces.WriteHead(writer, identity, "chat.completion"u8);
        writer.WriteNull("system_fingerprint"u8);
        writer.WriteStartArray("choices"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, 0);
        writer.WriteNull("logprobs"u8);
        WriteFinish(writer, reading, parts.Calls.Count > 0);
        writer.WritePropertyName("message"u8);
        WriteMessage(writer, parts);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WritePropertyName("usage"u8);
        ChatUsageWriter.Write(writer, charge);
        if (charge.ServiceTier is { } tier)
            writer.WriteString("service_tier"u8, tier);
        RouterMetadataWriter.Write(writer, charge.RouterMetadata);
        writer.WriteEndObject();
    }

    private static void WriteFinish(Utf8JsonWriter writer, AnswerReading reading, bool hasCalls)
    {
        if (reading.Finish == FinishReason.None)
            writer.WriteNull("finish_reason"u8);
        else
            writer.WriteString("finish_reason"u8, FinishNames.Of(reading.Finish.Reconcile(hasCalls)));
        writer.WriteString("native_finish_reason"u8, reading.NativeFinish);
    }

    public static void WriteMessage(Utf8JsonWriter writer, AnswerParts parts)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);

        // An answer that is only calls has no content; one that is nothing at all has empty content.
        var text = parts.Text;
        writer.WriteString("content"u8, text is null && parts.Calls.Count == 0 ? "" : text);
        writer.WriteString("refusal"u8, parts.Refusal);
        writer.WriteString("reasoning"u8, parts.Reasoning);
        WriteList(writer, "reasoning_details"u8, parts.Details.ToList(), static (w, d, i) => AnswerPieces.WriteDetail(w, d, i));
        WriteList(writer, "tool_calls"u8, parts.Calls, WriteCall);
        WriteList(writer, "images"u8, parts.Images, AnswerPieces.WriteImage);
        WriteList<AnswerEvent>(writer, "annotations"u8, [.. parts.Citations, .. parts.Files], static (w, note, _) => AnswerPieces.WriteAnnotation(w, note));
        writer.WriteEndObject();
    }

    private static void WriteList<T>(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T, int> write)
    {
        if (items.Count == 0)
            return;
        writer.WriteStartArray(name);
        for (var i = 0; i < items.Count; i++)
            write(writer, items[i], i);
        writer.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter writer, AnswerParts.CallFragments call, int index)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        writer.WriteString("id"u8, call.Call.Id);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, call.Call.Name);
        writer.WriteString("arguments"u8, call.Arguments.ToString());
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
