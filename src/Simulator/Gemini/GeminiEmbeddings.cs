using System.Text.Json;
using Fairlead.Simulator.Embeddings;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>Gemini's <c>batchEmbedContents</c>, and Vertex's <c>predict</c> of Google's embedding models.</summary>
internal sealed class GeminiEmbeddings(GeminiContent content, int seed) : EmbeddingDialect(content, seed)
{
    private const string Batch = ":batchEmbedContents";
    private const string Predict = ":predict";
    private const int MostRequests = 100;

    public static bool Serves(string target) => target.Contains(Batch, StringComparison.Ordinal) || target.Contains(Predict, StringComparison.Ordinal);

    public override string? ModelName(string target, JsonElement body)
    {
        var start = target.IndexOf("/models/", StringComparison.Ordinal) + "/models/".Length;
        return Uri.UnescapeDataString(target[start..target.LastIndexOf(':')]);
    }

    public override BodyReply Failure(int status, FaultPlan faults, Incoming call) => GeminiErrors.Failure(status, faults);

    public override Reply Answer(Incoming call)
    {
        if (call.IsUnknownModel)
        {
            return GeminiErrors.UnknownModel(call.Model);
        }

        return call.Target.Contains(Predict, StringComparison.Ordinal) ? Prediction(call) : Batched(call);
    }

    private BodyReply Batched(Incoming call)
    {
        var requests = call.Body.Items("requests");
        if (requests.Count is 0 or > MostRequests)
        {
            return GeminiErrors.Invalid($"* BatchEmbedContentsRequest.requests: at most {MostRequests} requests can be in one batch");
        }

        var texts = new List<string>();
        foreach (var request in requests)
        {
            if (Unknown(request, "model", "content", "taskType", "title", "outputDimensionality") is { } unknown)
            {
                return GeminiErrors.UnknownField(unknown, "requests[0]");
            }

            if (request.Str("model") != "models/" + Uri.EscapeDataString(ModelName(call.Target, default)!) || !IsLength(request.Get("outputDimensionality")))
            {
                return GeminiErrors.Invalid("* BatchEmbedContentsRequest.model: unexpected model name format");
            }

            var parts = request.Get("content").Items("parts");
            if (parts.Count == 0 || parts.Any(part => part.Str("text") is not { Length: > 0 } && part.Get("inlineData").Str("data") is null))
            {
                return GeminiErrors.Invalid("* EmbedContentRequest.content: empty Part");
            }

            texts.Add(string.Join(' ', parts.Select(part => part.Str("text") ?? part.Canonical())));
        }

        return Good(w =>
        {
            w.WriteStartArray("embeddings");
            for (var i = 0; i < texts.Count; i++)
            {
                w.WriteStartObject();
                w.WritePropertyName("values");
                Vectors.Write(w, Vector(texts[i], requests[i].Number("outputDimensionality")));
                w.WriteEndObject();
            }

            w.WriteEndArray();
            if (!call.Faults.NoUsage)
            {
                w.WriteStartObject("usageMetadata");
                w.WriteNumber("promptTokenCount", Tokens(texts));
                w.WriteEndObject();
            }
        });
    }

    private BodyReply Prediction(Incoming call)
    {
        var instances = call.Body.Items("instances");
        var most = call.Model.StartsWith("gemini-", StringComparison.Ordinal) ? 1 : 250;
        if (instances.Count == 0 || instances.Count > most || instances.Any(instance => instance.Str("content") is not { Length: > 0 } || Unknown(instance, "content", "task_type", "title") is not null))
        {
            return GeminiErrors.Invalid($"Between 1 and {most} instances with content are allowed per prediction.");
        }

        var length = call.Body.Get("parameters").Get("outputDimensionality");
        return !IsLength(length) ? GeminiErrors.Invalid("outputDimensionality is out of range.") : Good(w =>
        {
            w.WriteStartArray("predictions");
            foreach (var instance in instances)
            {
                w.WriteStartObject();
                w.WriteStartObject("embeddings");
                w.WritePropertyName("values");
                Vectors.Write(w, Vector(instance.Str("content")!, length.Number()));
                w.WriteStartObject("statistics");
                w.WriteNumber("token_count", Tokens([instance.Str("content")!]));
                w.WriteBoolean("truncated", false);
                w.WriteEndObject();
                w.WriteEndObject();
                w.WriteEndObject();
            }

            w.WriteEndArray();
        });
    }
}
