using System.Buffers.Text;
using System.Text.Json;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>What the embedding dialects share: reading vectors out of a body nobody vouches for, writing inputs as text.</summary>
internal static class EmbeddingJson
{
    /// <summary>No model makes longer vectors.</summary>
    private const int LongestVector = 65_536;

    /// <summary>The bytes of a value as a slice of the body it was found in.</summary>
    public static ReadOnlyMemory<byte> SliceOf(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> value) =>
        body.Span.Overlaps(value, out var offset) ? body.Slice(offset, value.Length) : default;

    /// <summary>A vector a caller can be given: numbers, or base64 of 32-bit numbers; not empty.</summary>
    public static bool IsVector(ReadOnlySpan<byte> json) => json switch
    {
        [(byte)'[', ..] => AreNumbers(json),
        [(byte)'"', .. var base64, (byte)'"'] => Base64.IsValid(base64, out var bytes) && bytes > 0 && bytes % sizeof(float) == 0 && bytes / sizeof(float) <= LongestVector,
        _ => false,
    };

    /// <summary>Every element of an array, which must all be vectors, and as many as <paramref name="count"/>.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? Vectors(ReadOnlyMemory<byte> body, ReadOnlySpan<byte> array, int count, ReadOnlySpan<byte> member = default)
    {
        var vectors = new List<ReadOnlyMemory<byte>>(count);
        var elements = new JsonElements(array);
        while (elements.Next())
        {
            var vector = member.IsEmpty ? elements.Value : JsonMembers.Find(elements.Value, member);
            if (vectors.Count == count || !IsVector(vector))
                return null;
            vectors.Add(SliceOf(body, vector));
        }

        return vectors.Count == count ? vectors : null;
    }

    /// <summary>An answer whose vectors were found or not.</summary>
    public static EmbeddingReading Reading(IReadOnlyList<ReadOnlyMemory<byte>>? vectors, long? tokens, string? upstreamId = null) => vectors is null
        ? EmbeddingReading.Unusable("The provider's answer does not hold a vector for each input.")
        : new EmbeddingReading { Vectors = vectors, PromptTokens = tokens, UpstreamId = upstreamId };

    /// <summary>The text of an input; null where it is not one of text alone.</summary>
    public static ReadOnlySpan<byte> TextOf(in EmbeddingInput input) => input.Kind switch
    {
        EmbeddingInputKind.Text => input.Json.Span,
        EmbeddingInputKind.Content => OnlyText(input.Json.Span),
        _ => default,
    };

    /// <summary>Writes an input of text as a JSON string. False where it has another form.</summary>
    public static bool TryWriteText(Utf8JsonWriter writer, in EmbeddingInput input)
    {
        var text = TextOf(input);
        if (text.IsEmpty)
            return false;
        writer.WriteRawValue(text, skipInputValidation: true);
        return true;
    }

    /// <summary>An input that the endpoint's format has no form for.</summary>
    public static GatewayError Unsayable(in EmbeddingInput input, int index, string provider) => GatewayError.Invalid(
        input.Kind == EmbeddingInputKind.Tokens
            ? $"{provider} takes texts, not token numbers. Send input[{index}] as a string."
            : $"{provider} takes texts only. Send input[{index}] as a string.",
        $"input[{index}]");

    /// <summary>A count at the end of a path, for example <c>usageMetadata.promptTokenCount</c>; null when there is none.</summary>
    public static long? Count(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        Utf8Parser.TryParse(JsonMembers.Find(json, name), out long count, out var read) && read > 0 && count >= 0 ? count : null;

    private static ReadOnlySpan<byte> OnlyText(ReadOnlySpan<byte> parts)
    {
        var text = ReadOnlySpan<byte>.Empty;
        var elements = new JsonElements(parts);
        while (elements.Next())
        {
            var part = JsonMembers.Find(elements.Value, "text"u8);
            if (part is not [(byte)'"', ..] || !text.IsEmpty)
                return default;
            text = part;
        }

        return text;
    }

    private static bool AreNumbers(ReadOnlySpan<byte> array)
    {
        var reader = new Utf8JsonReader(array);
        var count = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (++count > LongestVector || !reader.TryGetSingle(out var value) || !float.IsFinite(value))
                return false;
        }

        return count > 0 && reader.TokenType == JsonTokenType.EndArray;
    }
}
