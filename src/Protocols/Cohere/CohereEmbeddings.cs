using System.Buffers;
using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Cohere's <c>/embed</c>, version 2 (providers contract §11). Stateless.</summary>
internal sealed class CohereEmbeddings : IEmbeddingDialect
{
    /// <summary>Inputs in one call, at most.</summary>
    public const int MostTexts = 96;

    public static CohereEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => "/embed";

    public int MostInputs(UpstreamTarget target) => MostTexts;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        CohereDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => CohereDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        var wanted = request.Embeddings!;
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        if (CohereInputs.Write(writer, batch) is { } error)
            return error;
        writer.WriteString("input_type"u8, EmbeddingPurpose.ToCohere(wanted.InputType, request.Content.Images > 0));
        writer.WriteStartArray("embedding_types"u8);
        writer.WriteStringValue("float"u8);
        writer.WriteEndArray();
        if (wanted.Dimensions is { } dimensions)
            writer.WriteNumber("output_dimension"u8, dimensions);
        // Without this a text that is too long is cut in silence.
        writer.WriteString("truncate"u8, "NONE"u8);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header)
    {
        if (!JsonCheck.IsValid(body.Span))
            return EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
        var billed = JsonMembers.Find(JsonMembers.Find(body.Span, "meta"u8), "billed_units"u8);
        var images = EmbeddingJson.Count(billed, "image_tokens"u8) ?? 0;
        var id = JsonMembers.FindString(body.Span, "id"u8);
        var tokens = EmbeddingJson.Count(billed, "input_tokens"u8) ?? (images > 0 ? 0 : null);
        return EmbeddingJson.Reading(CohereInputs.Vectors(body, inputs), tokens + images, id.IsEmpty ? null : Encoding.UTF8.GetString(id)) with { ImageTokens = images };
    }
}
