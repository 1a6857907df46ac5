using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Server.Demo;

/// <summary>What an Ollama server has, as a layer of configuration: one provider that is free, one model for each of its models.</summary>
internal static class OllamaLayer
{
    private static readonly string[] Parameters =
    [
        "max_tokens", "temperature", "top_p", "top_k", "min_p", "stop", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty", "response_format",
        "structured_outputs",
    ];

    /// <summary>The layer.</summary>
    public static ConfigurationDocument Of(OllamaFound found)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("providers"u8);
            json.WriteStartObject();
            json.WriteString("slug"u8, "ollama");
            json.WriteString("name"u8, "Ollama");
            json.WriteString("protocol"u8, "ollama");
            json.WriteString("base_url"u8, found.BaseUrl);
            json.WriteBoolean("allow_private_network"u8, true);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartArray("models"u8);
            foreach (var (id, model) in Ids(found.Models))
                WriteModel(json, id, model);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new("Ollama at " + found.BaseUrl, buffer.WrittenMemory);
    }

    private static void WriteModel(Utf8JsonWriter json, string id, OllamaModel model)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, "Ollama: " + model.Name);
        json.WriteNumber("context_length"u8, model.ContextLength);
        json.WriteStartObject("architecture"u8);
        WriteList(json, "input_modalities", model.Vision ? ["text", "image"] : ["text"]);
        WriteList(json, "output_modalities", ["text"]);
        json.WriteEndObject();
        json.WriteStartArray("endpoints"u8);
        json.WriteStartObject();
        json.WriteString("provider"u8, "ollama");
        json.WriteString("model"u8, model.Name);
        json.WriteNumber("context_length"u8, model.ContextLength);
        json.WriteStartObject("pricing"u8);
        json.WriteString("prompt"u8, "0");
        json.WriteString("completion"u8, "0");
        json.WriteEndObject();
        WriteList(json, "supported_parameters", [.. Parameters, .. model.Tools ? ["tools"] : Array.Empty<string>(), .. model.Thinking ? ["reasoning", "include_reasoning"] : Array.Empty<string>()]);
        json.WriteBoolean("can_abort"u8, true);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    // "llama3.2:latest" is ollama/llama3.2, "qwen3:8b" is ollama/qwen3-8b: a colon in a slug begins a variant. Two names never share a slug.
    private static IEnumerable<(string Id, OllamaModel Model)> Ids(IEnumerable<OllamaModel> models)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in models)
        {
            var name = model.Name.EndsWith(":latest", StringComparison.Ordinal) ? model.Name[..^":latest".Length] : model.Name;
            var slug = new StringBuilder("ollama/");
            foreach (var c in name.ToLowerInvariant())
                slug.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
            var id = slug.ToString();
            for (var n = 2; !taken.Add(id); n++)
                id = $"{slug}-{n}";
            yield return (id, model);
        }
    }
}
