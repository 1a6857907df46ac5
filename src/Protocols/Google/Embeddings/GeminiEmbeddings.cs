using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.Embeddings;

/// <summary>Gemini's <c>batchEmbedContents</c>, as AI Studio speaks it (providers contract §11). Stateless.</summary>
internal sealed class GeminiEmbeddings : IEmbeddingDialect
{
    public static GeminiEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => $"/{GeminiDialect.ResourceOf(target.Model)}:batchEmbedContents";

    public int MostInputs(UpstreamTarget target) => 100;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        GeminiDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => GeminiDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        var wanted = request.Embeddings!;
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteStartArray("requests"u8);
        for (var i = 0; i < batch.Inputs.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, GeminiDialect.ResourceOf(target.Model));
            writer.WriteStartObject("content"u8);
            writer.WriteStartArray("parts"u8);
            if (WriteParts(writer, batch.Inputs[i], batch.First + i) is { } error)
                return error;
            writer.WriteEndArray();
            writer.WriteEndObject();
            if (EmbeddingPurpose.ToGemini(wanted.InputType) is { } purpose)
                writer.WriteString("taskType"u8, purpose);
            if (wanted.Dimensions is { } dimensions)
                writer.WriteNumber("outputDimensionality"u8, dimensions);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header)
    {
        if (!JsonCheck.IsValid(body.Span))
            return EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
        var usage = JsonMembers.Find(body.Span, "usageMetadata"u8);
        return EmbeddingJson.Reading(
            EmbeddingJson.Vectors(body, JsonMembers.Find(body.Span, "embeddings"u8), inputs, "values"u8), EmbeddingJson.Count(usage, "promptTokenCount"u8));
    }

    private static GatewayError? WriteParts(Utf8JsonWriter writer, in EmbeddingInput input, int index)
    {
        if (input.Kind == EmbeddingInputKind.Tokens)
            return EmbeddingJson.Unsayable(input, index, "Gemini");
        if (input.Kind == EmbeddingInputKind.Text)
        {
            WriteText(writer, input.Json.Span);
            return null;
        }

        var parts = new JsonElements(input.Json.Span);
        for (var n = 0; parts.Next(); n++)
        {
            if (JsonMembers.Find(parts.Value, "text"u8) is [(byte)'"', ..] text)
                WriteText(writer, text);
            else if (DataUrl.TryParse(JsonText.ToText(JsonMembers.FindString(JsonMembers.Find(parts.Value, "image_url"u8), "url"u8)), out var image))
                WriteInline(writer, image);
            else
                return GatewayError.Invalid("Gemini embeds texts and images that are sent as data: URLs.", $"input[{index}].content[{n}]");
        }

        return null;
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("text"u8);
        writer.WriteRawValue(text, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteInline(Utf8JsonWriter writer, in DataUrl image)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("inlineData"u8);
        writer.WriteString("mimeType"u8, image.MediaType);
        writer.WriteString("data"u8, image.Base64);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
