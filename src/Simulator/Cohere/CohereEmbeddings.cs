using System.Text.Json;
using Fairlead.Simulator.Embeddings;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Cohere;

/// <summary>Cohere's embeddings, version 2.</summary>
internal sealed class CohereEmbeddings(CohereChat chat, int seed) : EmbeddingDialect(chat, seed)
{
    public const int MostTexts = 96;

    public static readonly string[] InputTypes = ["search_document", "search_query", "classification", "clustering", "image"];

    public override Reply Answer(Incoming call)
    {
        if (call.IsUnknownModel)
        {
            return CohereErrors.UnknownModel(call.Model);
        }

        var texts = Texts(call.Body);
        var problem = Unknown(call.Body, "model", "texts", "inputs", "input_type", "embedding_types", "output_dimension", "truncate", "max_tokens", "priority") is { } unknown ? $"unknown field: {unknown}"
            : Check(call.Body, texts) ?? (call.Body.Items("embedding_types") is [{ } type] && type.Str() == "float" ? null : "only the embedding type float is simulated");
        if (problem is not null)
        {
            return CohereErrors.Invalid(problem);
        }

        return texts!.Any(text => Tokens([text]) > call.Faults.ContextLength)
            ? CohereErrors.Invalid("text exceeds the maximum number of tokens and truncate is NONE")
            : Good(w =>
            {
                w.WriteString("id", call.Stamp.Hex("id", 32));
                w.WriteStartObject("embeddings");
                w.WriteStartArray("float");
                foreach (var text in texts!)
                {
                    Vectors.Write(w, Vector(text, call.Body.Number("output_dimension")));
                }

                w.WriteEndArray();
                w.WriteEndObject();
                w.WriteStartObject("meta");
                w.WriteStartObject("api_version");
                w.WriteString("version", "2");
                w.WriteEndObject();
                if (!call.Faults.NoUsage)
                {
                    w.WriteStartObject("billed_units");
                    w.WriteNumber("input_tokens", Tokens(texts!));
                    w.WriteEndObject();
                }

                w.WriteEndObject();
                w.WriteString("response_type", "embeddings_by_type");
            });
    }

    /// <summary>What is wrong with the members that Cohere and Bedrock share, or null.</summary>
    public static string? Check(JsonElement body, IReadOnlyList<string>? texts) =>
        texts is not { Count: > 0 } ? "texts or inputs must be given, with at least one element"
        : texts.Count > MostTexts ? $"total number of texts must be at most {MostTexts}"
        : !InputTypes.Contains(body.Str("input_type")) ? "input_type must be one of " + string.Join(", ", InputTypes)
        : !IsLength(body.Get("output_dimension")) ? "output_dimension is not valid"
        : null;

    /// <summary><c>texts</c>, or <c>inputs</c> as one text each.</summary>
    public static IReadOnlyList<string>? Texts(JsonElement body)
    {
        List<string?> texts = body.Get("texts").IsArray()
            ? [.. body.Items("texts").Select(text => text.Str())]
            : [.. body.Items("inputs").Select(input => input.Get("content").IsArray() ? input.Get("content").Canonical() : null)];
        return texts.Contains(null) ? null : [.. texts.OfType<string>()];
    }
}
