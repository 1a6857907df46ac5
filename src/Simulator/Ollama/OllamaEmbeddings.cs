using Fairlead.Simulator.Embeddings;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>Ollama's <c>/api/embed</c>.</summary>
internal sealed class OllamaEmbeddings(OllamaChat chat, int seed) : EmbeddingDialect(chat, seed)
{
    public override Reply Answer(Incoming call)
    {
        if (call.IsUnknownModel)
        {
            return OllamaErrors.UnknownModel(call.Model);
        }

        List<string?> texts = call.Body.Str("input") is { } one ? [one] : [.. call.Body.Items("input").Select(text => text.Str())];
        if (texts.Count == 0 || texts.Contains(null) || !IsLength(call.Body.Get("dimensions")))
        {
            return OllamaErrors.Make(400, "invalid input type");
        }

        if (call.Body.Get("truncate").ValueKind == System.Text.Json.JsonValueKind.False && texts.Any(text => Tokens([text!]) > call.Faults.ContextLength))
        {
            return OllamaErrors.Make(400, "the input length exceeds the context length");
        }

        return Good(w =>
        {
            w.WriteString("model", call.Model);
            w.WriteStartArray("embeddings");
            foreach (var text in texts)
            {
                Vectors.Write(w, Vector(text!, call.Body.Number("dimensions")));
            }

            w.WriteEndArray();
            w.WriteNumber("total_duration", 14_143_917);
            w.WriteNumber("load_duration", 1_019_500);
            if (!call.Faults.NoUsage)
            {
                w.WriteNumber("prompt_eval_count", Tokens(texts!));
            }
        });
    }
}
