using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Embeddings;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>OpenAI's embeddings. Inputs of parts and <c>input_type</c> are taken too, as many hosts that copied it do.</summary>
internal sealed class OpenAIEmbeddings(OpenAIChat chat, int seed) : EmbeddingDialect(chat, seed)
{
    private const int MostInputs = 2048;

    public override Reply Answer(Incoming call)
    {
        if (call.IsUnknownModel)
        {
            return OpenAIErrors.UnknownModel(call.Model);
        }

        if (Unknown(call.Body, "model", "input", "encoding_format", "dimensions", "user", "input_type") is { } unknown)
        {
            return OpenAIErrors.Make(400, $"Unrecognized request argument supplied: {unknown}");
        }

        if (Inputs(call.Body.Get("input")) is not { Count: > 0 and <= MostInputs } inputs || inputs.Contains(""))
        {
            return OpenAIErrors.Make(400, "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.");
        }

        var format = call.Body.Get("encoding_format");
        if (format.Given() && format.Str() is not ("float" or "base64"))
        {
            return OpenAIErrors.Make(400, "Invalid value for 'encoding_format': must be one of ['float', 'base64'].", param: "encoding_format");
        }

        if (!IsLength(call.Body.Get("dimensions")))
        {
            return OpenAIErrors.Make(400, "Invalid value for 'dimensions'.", param: "dimensions");
        }

        if (inputs.FirstOrDefault(input => Tokens([input]) > call.Faults.ContextLength) is { } longest)
        {
            return OpenAIErrors.Make(400, string.Create(
                CultureInfo.InvariantCulture,
                $"This model's maximum context length is {call.Faults.ContextLength} tokens, however you requested {Tokens([longest])} tokens ({Tokens([longest])} in your prompt; 0 for the completion). Please reduce your prompt; or completion length."));
        }

        return Good(w => Write(w, call, inputs, format.Str() == "base64"));
    }

    private void Write(Utf8JsonWriter w, Incoming call, List<string> inputs, bool asBase64)
    {
        w.WriteString("object", "list");
        w.WriteStartArray("data");
        for (var i = 0; i < inputs.Count; i++)
        {
            w.WriteStartObject();
            w.WriteString("object", "embedding");
            w.WriteNumber("index", i);
            w.WritePropertyName("embedding");
            var vector = Vector(inputs[i], call.Body.Number("dimensions"));
            if (asBase64)
            {
                Vectors.WriteBase64(w, vector);
            }
            else
            {
                Vectors.Write(w, vector);
            }

            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteString("model", call.Model);
        if (!call.Faults.NoUsage)
        {
            w.WriteStartObject("usage");
            w.WriteNumber("prompt_tokens", Tokens(inputs));
            w.WriteNumber("total_tokens", Tokens(inputs));
            w.WriteEndObject();
        }
    }

    /// <summary>Each input as text; null when one has a form that is not taken.</summary>
    private static List<string>? Inputs(JsonElement input)
    {
        if (input.Str() is { } one)
        {
            return [one];
        }

        if (input.Items() is [{ ValueKind: JsonValueKind.Number }, ..])
        {
            return [input.Canonical()];
        }

        var texts = input.Items().Select(item => item.Str() ?? (item.IsArray() || item.Get("content").IsArray() ? item.Canonical() : null)).ToList();
        return texts.Contains(null) ? null : [.. texts.OfType<string>()];
    }
}
