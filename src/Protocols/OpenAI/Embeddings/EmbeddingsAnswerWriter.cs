using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions;

namespace Fairlead.Protocols.OpenAI.Embeddings;

/// <summary>
/// Writes the answer of <c>POST /api/v1/embeddings</c>. A vector in the form that was asked for is copied as the provider wrote it, one in the other form is
/// converted (I-54).
/// </summary>
public static class EmbeddingsAnswerWriter
{
    /// <summary>Writes it. <paramref name="vectors"/> were read by a dialect, in the order of the inputs.</summary>
    public static void Write(IReadOnlyList<ReadOnlyMemory<byte>> vectors, bool asBase64, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, identity.GenerationId);
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < vectors.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "embedding"u8);
            writer.WriteNumber("index"u8, i);
            writer.WritePropertyName("embedding"u8);
            WriteVector(writer, vectors[i].Span, asBase64);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model"u8, identity.Model);
        writer.WriteString("provider"u8, identity.Provider);
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, charge.Usage.PromptTokens);
        writer.WriteNumber("total_tokens"u8, charge.Usage.TotalTokens);
        ChatUsageWriter.WriteCost(writer, charge);
        writer.WriteEndObject();
        RouterMetadataWriter.Write(writer, charge.RouterMetadata);
        writer.WriteEndObject();
    }

    private static void WriteVector(Utf8JsonWriter writer, ReadOnlySpan<byte> vector, bool asBase64)
    {
        var isBase64 = vector[0] == (byte)'"';
        if (isBase64 == asBase64)
            writer.WriteRawValue(vector, skipInputValidation: true);
        else if (isBase64)
            WriteNumbers(writer, vector[1..^1]);
        else
            WriteBase64(writer, vector);
    }

    private static void WriteNumbers(Utf8JsonWriter writer, ReadOnlySpan<byte> base64)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        Base64.DecodeFromUtf8(base64, rented, out _, out var length);
        writer.WriteStartArray();
        for (var at = 0; at + sizeof(float) <= length; at += sizeof(float))
        {
            var value = BinaryPrimitives.ReadSingleLittleEndian(rented.AsSpan(at));
            // JSON has no word for what is no number; a vector with one is worthless whatever stands here.
            writer.WriteNumberValue(float.IsFinite(value) ? value : 0);
        }

        writer.WriteEndArray();
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void WriteBase64(Utf8JsonWriter writer, ReadOnlySpan<byte> numbers)
    {
        var bytes = new ArrayBufferWriter<byte>(4096);
        var reader = new Utf8JsonReader(numbers);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.GetSpan(sizeof(float)), reader.GetSingle());
            bytes.Advance(sizeof(float));
        }

        writer.WriteBase64StringValue(bytes.WrittenSpan);
    }
}
