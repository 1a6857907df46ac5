using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Cohere;
using Fairlead.Simulator.Embeddings;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Amazon;

/// <summary>Bedrock's InvokeModel for embedding models: Titan's form and Cohere's.</summary>
internal sealed class InvokeEmbeddings(BedrockConverse converse, int seed) : EmbeddingDialect(converse, seed)
{
    public static bool Serves(CloudTarget target) => target.Verb == "invoke" && (IsTitan(target.Model) || target.Model.Contains("cohere.embed", StringComparison.Ordinal));

    public override string? ModelName(string target, JsonElement body) => CloudTarget.Parse(target)?.Model;

    public override Reply Answer(Incoming call) => IsTitan(call.Model) ? Titan(call) : Cohere(call);

    private static bool IsTitan(string model) => model.Contains("amazon.titan-embed-text", StringComparison.Ordinal);

    private BodyReply Titan(Incoming call)
    {
        if (Unknown(call.Body, "inputText", "dimensions", "normalize", "embeddingTypes") is { } unknown)
        {
            return BedrockErrors.Invalid($"Malformed input request: #: extraneous key [{unknown}] is not permitted, please reformat your input and try again.");
        }

        if (call.Body.Str("inputText") is not { Length: > 0 } text || !IsLength(call.Body.Get("dimensions")))
        {
            return BedrockErrors.Invalid("Malformed input request, please reformat your input and try again.");
        }

        return Good(w =>
        {
            w.WritePropertyName("embedding");
            Vectors.Write(w, Vector(text, call.Body.Number("dimensions")));
            w.WriteNumber("inputTextTokenCount", Tokens([text]));
        });
    }

    private BodyReply Cohere(Incoming call)
    {
        var texts = CohereEmbeddings.Texts(call.Body);
        var problem = Unknown(call.Body, "texts", "inputs", "input_type", "truncate", "output_dimension", "embedding_types") is { } unknown
            ? $"extraneous key [{unknown}] is not permitted"
            : CohereEmbeddings.Check(call.Body, texts);
        if (problem is not null)
        {
            return BedrockErrors.Invalid("Malformed input request: " + problem);
        }

        var answer = Good(w =>
        {
            w.WriteString("id", call.Stamp.Hex("id", 32));
            w.WriteStartArray("embeddings");
            foreach (var text in texts!)
            {
                Vectors.Write(w, Vector(text, call.Body.Number("output_dimension")));
            }

            w.WriteEndArray();
            w.WriteString("response_type", "embeddings_floats");
        });
        return answer with { Headers = [("X-Amzn-Bedrock-Input-Token-Count", Tokens(texts!).ToString(CultureInfo.InvariantCulture))] };
    }
}
