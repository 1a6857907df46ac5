using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Ollama;

/// <summary>Ollama's <c>/api/embed</c> (providers contract §10.1). Stateless.</summary>
internal sealed class OllamaEmbeddings : IEmbeddingDialect
{
    public static OllamaEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => "/api/embed";

    // It has no limit of its own; a server of one's own is better kept busy with small pieces.
    public int MostInputs(UpstreamTarget target) => 256;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        OllamaDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => OllamaDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("model"u8, target.Model);
        writer.WriteStartArray("input"u8);
        for (var i = 0; i < batch.Inputs.Count; i++)
        {
            if (!EmbeddingJson.TryWriteText(writer, batch.Inputs[i]))
                return EmbeddingJson.Unsayable(batch.Inputs[i], batch.First + i, "Ollama");
        }

        writer.WriteEndArray();
        // Without this a text that is too long is cut in silence (P-08).
        writer.WriteBoolean("truncate"u8, false);
        if (request.Embeddings!.Dimensions is { } dimensions)
            writer.WriteNumber("dimensions"u8, dimensions);
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header) => JsonCheck.IsValid(body.Span)
        ? EmbeddingJson.Reading(EmbeddingJson.Vectors(body, JsonMembers.Find(body.Span, "embeddings"u8), inputs), EmbeddingJson.Count(body.Span, "prompt_eval_count"u8))
        : EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
}
