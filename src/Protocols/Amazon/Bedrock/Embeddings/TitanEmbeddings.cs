using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock.Embeddings;

/// <summary>Amazon's Titan embedding models through InvokeModel: one text per call (providers contract §11). Stateless.</summary>
internal sealed class TitanEmbeddings : IEmbeddingDialect
{
    public static TitanEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => InvokePath(target);

    public int MostInputs(UpstreamTarget target) => 1;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        BedrockDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => BedrockDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WritePropertyName("inputText"u8);
        if (!EmbeddingJson.TryWriteText(writer, batch.Inputs[0]))
            return EmbeddingJson.Unsayable(batch.Inputs[0], batch.First, "Titan");
        if (request.Embeddings!.Dimensions is { } dimensions)
            writer.WriteNumber("dimensions"u8, dimensions);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header)
    {
        if (!JsonCheck.IsValid(body.Span))
            return EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
        var vector = JsonMembers.Find(body.Span, "embedding"u8);
        return EmbeddingJson.Reading(
            EmbeddingJson.IsVector(vector) ? [EmbeddingJson.SliceOf(body, vector)] : null, EmbeddingJson.Count(body.Span, "inputTextTokenCount"u8));
    }

    /// <summary>The path of InvokeModel.</summary>
    internal static string InvokePath(UpstreamTarget target) => $"/model/{Uri.EscapeDataString(target.Model)}/invoke";
}
