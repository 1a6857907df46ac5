using System.Buffers;
using System.Globalization;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Cohere;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock.Embeddings;

/// <summary>Cohere's embedding models on Bedrock, through InvokeModel (providers contract §11). Stateless.</summary>
internal sealed class CohereOnBedrockEmbeddings : IEmbeddingDialect
{
    public static CohereOnBedrockEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => TitanEmbeddings.InvokePath(target);

    public int MostInputs(UpstreamTarget target) => CohereEmbeddings.MostTexts;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        BedrockDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => BedrockDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        var wanted = request.Embeddings!;
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        if (CohereInputs.Write(writer, batch) is { } error)
            return error;
        writer.WriteString("input_type"u8, EmbeddingPurpose.ToCohere(wanted.InputType, request.Content.Images > 0));
        writer.WriteString("truncate"u8, "NONE"u8);
        // A member of the newer models only.
        if (wanted.Dimensions is { } dimensions)
            writer.WriteNumber("output_dimension"u8, dimensions);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>Tokens stand in a header: this body has none.</summary>
    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header) => JsonCheck.IsValid(body.Span)
        ? EmbeddingJson.Reading(
            CohereInputs.Vectors(body, inputs),
            long.TryParse(header("x-amzn-bedrock-input-token-count"), NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) ? tokens : null)
        : EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
}
