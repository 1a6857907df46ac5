using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Inputs and vectors as Cohere's embedding models have them, at Cohere and on Bedrock.</summary>
internal static class CohereInputs
{
    /// <summary>Writes the member <c>texts</c>, or <c>inputs</c> where one is more than text.</summary>
    public static GatewayError? Write(Utf8JsonWriter writer, in EmbeddingBatch batch)
    {
        var isText = true;
        for (var i = 0; i < batch.Inputs.Count; i++)
        {
            if (batch.Inputs[i].Kind == EmbeddingInputKind.Tokens)
                return EmbeddingJson.Unsayable(batch.Inputs[i], batch.First + i, "Cohere");
            isText &= !EmbeddingJson.TextOf(batch.Inputs[i]).IsEmpty;
        }

        writer.WriteStartArray(isText ? "texts"u8 : "inputs"u8);
        for (var i = 0; i < batch.Inputs.Count; i++)
        {
            if (isText)
                EmbeddingJson.TryWriteText(writer, batch.Inputs[i]);
            else if (WriteParts(writer, batch.Inputs[i], batch.First + i) is { } error)
                return error;
        }

        writer.WriteEndArray();
        return null;
    }

    /// <summary><c>embeddings</c> by type, or as the older models have them: the arrays themselves.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Vectors(ReadOnlyMemory<byte> body, int inputs)
    {
        var embeddings = JsonMembers.Find(body.Span, "embeddings"u8);
        return EmbeddingJson.Vectors(body, embeddings is [(byte)'{', ..] ? JsonMembers.Find(embeddings, "float"u8) : embeddings, inputs);
    }

    /// <summary>The vendor's form of a part is the caller's; images must be <c>data:</c> URLs.</summary>
    private static GatewayError? WriteParts(Utf8JsonWriter writer, in EmbeddingInput input, int index)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("content"u8);
        if (input.Kind == EmbeddingInputKind.Text)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WritePropertyName("text"u8);
            writer.WriteRawValue(input.Json.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }
        else
        {
            var parts = new JsonElements(input.Json.Span);
            for (var n = 0; parts.Next(); n++)
            {
                var image = JsonMembers.Find(parts.Value, "image_url"u8);
                if (!image.IsEmpty && !JsonMembers.FindString(image, "url"u8).StartsWith("data:"u8))
                    return GatewayError.Invalid("Cohere embeds images that are sent as data: URLs only.", $"input[{index}].content[{n}].image_url.url");
                if (image.IsEmpty && JsonMembers.Find(parts.Value, "text"u8).IsEmpty)
                    return GatewayError.Invalid("Cohere embeds texts and images only.", $"input[{index}].content[{n}]");
                writer.WriteRawValue(parts.Value, skipInputValidation: true);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }
}
