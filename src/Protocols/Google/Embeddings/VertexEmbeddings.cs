using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Google.GenerateContent;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.Embeddings;

/// <summary>Google's embedding models on Vertex: <c>predict</c> (providers contract §11). Stateless.</summary>
internal sealed class VertexEmbeddings : IEmbeddingDialect
{
    public static VertexEmbeddings Instance { get; } = new();

    public string PathFor(UpstreamTarget target, bool stream) => $"/{GeminiDialect.ResourceOf(target.Model)}:predict";

    /// <summary>The newer models take one input per call.</summary>
    public int MostInputs(UpstreamTarget target) => target.Model.StartsWith("gemini-", StringComparison.Ordinal) ? 1 : 250;

    public int MostTokens(UpstreamTarget target) => 20_000;

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        GeminiDialect.Instance.HeadersFor(target, call, apiKey);

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => GeminiDialect.Instance.ReadFailure(status, header, body);

    public GatewayError? WriteRequest(CanonicalRequest request, in EmbeddingBatch batch, UpstreamTarget target, string? userHash, IBufferWriter<byte> output)
    {
        var wanted = request.Embeddings!;
        using var writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteStartArray("instances"u8);
        for (var i = 0; i < batch.Inputs.Count; i++)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("content"u8);
            if (!EmbeddingJson.TryWriteText(writer, batch.Inputs[i]))
                return EmbeddingJson.Unsayable(batch.Inputs[i], batch.First + i, "Vertex");
            if (EmbeddingPurpose.ToGemini(wanted.InputType) is { } purpose)
                writer.WriteString("task_type"u8, purpose);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("parameters"u8);
        // Without this a text that is too long is cut in silence.
        writer.WriteBoolean("autoTruncate"u8, false);
        if (wanted.Dimensions is { } dimensions)
            writer.WriteNumber("outputDimensionality"u8, dimensions);
        writer.WriteEndObject();
        PassthroughMembers.Copy(request.Body.Span, target.Passthrough, writer);
        writer.WriteEndObject();
        return null;
    }

    public EmbeddingReading ReadAnswer(ReadOnlyMemory<byte> body, int inputs, Func<string, string?> header)
    {
        if (!JsonCheck.IsValid(body.Span))
            return EmbeddingReading.Unusable("The provider sent an answer that is no JSON.");
        var vectors = new List<ReadOnlyMemory<byte>>(inputs);
        long? tokens = 0;
        var predictions = new JsonElements(JsonMembers.Find(body.Span, "predictions"u8));
        while (predictions.Next())
        {
            var embeddings = JsonMembers.Find(predictions.Value, "embeddings"u8);
            var vector = JsonMembers.Find(embeddings, "values"u8);
            if (!EmbeddingJson.IsVector(vector))
                return EmbeddingJson.Reading(null, null);
            vectors.Add(EmbeddingJson.SliceOf(body, vector));
            tokens += EmbeddingJson.Count(JsonMembers.Find(embeddings, "statistics"u8), "token_count"u8);
        }

        return EmbeddingJson.Reading(vectors.Count == inputs ? vectors : null, tokens);
    }
}
