using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Discovery;

/// <summary>What servers have, as a layer of configuration between the shipped catalog and the operator's files: each model is free, under the provider's slug.</summary>
internal static class DiscoveredLayer
{
    private static readonly string[] OllamaParameters =
    [
        "max_tokens", "temperature", "top_p", "top_k", "min_p", "stop", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty", "response_format",
        "structured_outputs",
    ];

    private static readonly string[] ChatParameters =
        ["max_tokens", "temperature", "top_p", "stop", "seed", "frequency_penalty", "presence_penalty", "response_format", "structured_outputs"];

    /// <summary>
    /// The layer; null where nothing is to be added to <paramref name="catalog"/>, which is the catalog without it. What the files and the shipped catalog name
    /// stays theirs, and providers that are not asked any more, or are elsewhere now, add nothing.
    /// </summary>
    public static ConfigurationDocument? Of(CatalogSnapshot catalog, IReadOnlyList<DiscoveredModels> found)
    {
        var taken = catalog.Models.Select(model => model.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var buffer = new ArrayBufferWriter<byte>();
        var count = 0;
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("models"u8);
            foreach (var server in found)
            {
                if (catalog.Providers.FirstOrDefault(provider => provider.Slug == server.Provider) is not { DiscoverModels: true } provider || provider.BaseUrl != server.BaseUrl)
                    continue;
                foreach (var (id, model) in Ids(server))
                {
                    if (!taken.Add(id))
                        continue;
                    WriteModel(json, id, model, provider);
                    count++;
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return count == 0 ? null : new ConfigurationDocument("models found at " + string.Join(", ", found.Select(server => server.Provider)), buffer.WrittenMemory) { Discovered = true };
    }

    private static void WriteModel(Utf8JsonWriter json, string id, DiscoveredModel model, Provider provider)
    {
        var context = model.ContextLength ?? ContextLengths.Usual;
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, $"{provider.Name}: {model.Name}");
        json.WriteNumber("context_length"u8, context);
        json.WriteStartObject("architecture"u8);
        WriteList(json, "input_modalities", model.Vision ? ["text", "image"] : ["text"]);
        WriteList(json, "output_modalities", [model.Embeddings ? "embeddings" : "text"]);
        json.WriteEndObject();
        json.WriteStartArray("endpoints"u8);
        json.WriteStartObject();
        json.WriteString("provider"u8, provider.Slug);
        json.WriteString("model"u8, model.Name);
        json.WriteNumber("context_length"u8, context);
        json.WriteStartObject("pricing"u8);
        json.WriteString("prompt"u8, "0");
        json.WriteString("completion"u8, "0");
        json.WriteEndObject();
        WriteList(json, "supported_parameters", ParametersOf(model, provider.Protocol));
        json.WriteBoolean("can_abort"u8, true);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IEnumerable<string> ParametersOf(DiscoveredModel model, UpstreamProtocol protocol)
    {
        if (model.Embeddings)
            return [];
        IEnumerable<string> tools = !model.Tools ? [] : protocol == UpstreamProtocol.Ollama ? ["tools"] : ["tools", "tool_choice"];
        IEnumerable<string> thinking = model.Thinking ? ["reasoning", "include_reasoning"] : [];
        return [.. protocol == UpstreamProtocol.Ollama ? OllamaParameters : ChatParameters, .. tools, .. thinking];
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    // "llama3.2:latest" is ollama/llama3.2, "qwen3:8b" is ollama/qwen3-8b: a colon in a slug begins a variant. Two names never share a slug.
    private static IEnumerable<(string Id, DiscoveredModel Model)> Ids(DiscoveredModels server)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in server.Models)
        {
            var name = model.Name.EndsWith(":latest", StringComparison.Ordinal) ? model.Name[..^":latest".Length] : model.Name;
            var slug = new StringBuilder(server.Provider).Append('/');
            foreach (var c in name.ToLowerInvariant())
                slug.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-');
            var id = slug.ToString();
            for (var n = 2; !taken.Add(id); n++)
                id = $"{slug}-{n}";
            yield return (id, model);
        }
    }
}
