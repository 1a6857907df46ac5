using System.Text.Json;

namespace Fairlead.Catalog.Discovery;

/// <summary>
/// What a server that speaks OpenAI's chat has: <c>GET /models</c>. How long a context is, each says in its own way (providers §10): vLLM and SGLang by
/// <c>max_model_len</c>, llama.cpp at <c>/props</c> beside <c>/v1</c>, others by <c>context_length</c> and the like, some not at all.
/// </summary>
internal static class OpenAICompatibleServer
{
    private static readonly string[] ContextMembers = ["max_model_len", "context_length", "context_window", "max_context_length"];

    /// <summary>Its models.</summary>
    /// <param name="connection">To the server.</param>
    /// <param name="baseUrl">With <c>/v1</c>, where the server has it.</param>
    public static async Task<IReadOnlyList<DiscoveredModel>> ReadAsync(ServerConnection connection, string baseUrl)
    {
        using var list = await connection.GetAsync(baseUrl + "/models");
        var models = Read(list.RootElement) ?? throw new DiscoveryException($"its answer at {new Uri(baseUrl + "/models").AbsolutePath} is no list of models");
        if (models.Count == 0 || models.All(model => model.ContextLength is not null))
            return models;
        var (context, vision) = await PropertiesAsync(connection, baseUrl);
        var trained = TrainedWindows(list.RootElement);
        return [.. models.Select(model => model with { ContextLength = model.ContextLength ?? context ?? trained.GetValueOrDefault(model.Name), Vision = model.Vision || vision })];
    }

    /// <summary>The list; null where it is none.</summary>
    internal static IReadOnlyList<DiscoveredModel>? Read(JsonElement root) => ListReading.Entries(root, "data") is not { } entries
        ? null
        : [.. entries.Select(Model).OfType<DiscoveredModel>().DistinctBy(model => model.Name, StringComparer.Ordinal)];

    private static DiscoveredModel? Model(JsonElement entry)
    {
        if (ListReading.Name(entry, "id") is not { } name)
            return null;
        int? context = null;
        foreach (var member in ContextMembers)
        {
            if (entry.TryGetProperty(member, out var value))
                context ??= ListReading.Tokens(value);
        }

        var can = ListReading.Texts(entry, "capabilities");
        return new DiscoveredModel(name)
        {
            ContextLength = context,
            // Few servers say so; those that cannot answer such a request with an error that says why.
            Tools = can is null || can.Contains("tools") || can.Contains("tool_use"),
            Vision = can is not null && (can.Contains("vision") || can.Contains("multimodal")),
            // The lists do not tell models for embeddings apart, their names do.
            Embeddings = name.Contains("embed", StringComparison.OrdinalIgnoreCase),
        };
    }

    // Of llama.cpp: the window the server was started with, which is what counts. Elsewhere there is no such page.
    private static async Task<(int? Context, bool Vision)> PropertiesAsync(ServerConnection connection, string baseUrl)
    {
        try
        {
            var root = baseUrl.EndsWith("/v1", StringComparison.Ordinal) ? baseUrl[..^"/v1".Length] : baseUrl;
            using var properties = await connection.GetAsync(root + "/props");
            return ReadProperties(properties.RootElement);
        }
        catch (DiscoveryException)
        {
            return (null, false);
        }
    }

    /// <summary>What <c>/props</c> says.</summary>
    internal static (int? Context, bool Vision) ReadProperties(JsonElement properties)
    {
        if (properties.ValueKind != JsonValueKind.Object)
            return (null, false);
        int? context = properties.TryGetProperty("default_generation_settings", out var settings) && settings.ValueKind == JsonValueKind.Object
            && settings.TryGetProperty("n_ctx", out var window) ? ListReading.Tokens(window) : null;
        var vision = properties.TryGetProperty("modalities", out var modalities) && modalities.ValueKind == JsonValueKind.Object
            && modalities.TryGetProperty("vision", out var sees) && sees.ValueKind == JsonValueKind.True;
        return (context, vision);
    }

    // Of llama.cpp again, where /props is switched off: what the model was trained for.
    private static Dictionary<string, int?> TrainedWindows(JsonElement root)
    {
        var windows = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (var entry in ListReading.Entries(root, "data") ?? [])
        {
            if (ListReading.Name(entry, "id") is { } name && entry.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("n_ctx_train", out var trained))
                windows[name] = ListReading.Tokens(trained);
        }

        return windows;
    }
}
