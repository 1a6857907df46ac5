using System.Text.Json;

namespace Fairlead.Catalog.Discovery;

/// <summary>What an Ollama server has: <c>GET /api/tags</c>, and <c>POST /api/show</c> for each model (providers §10.1).</summary>
internal static class OllamaServer
{
    private const int MostAtOnce = 8;

    /// <summary>Its models. A model that <c>/api/show</c> does not answer for is there with its name alone.</summary>
    /// <param name="connection">To the server.</param>
    /// <param name="baseUrl">Without <c>/v1</c>.</param>
    public static async Task<IReadOnlyList<DiscoveredModel>> ReadAsync(ServerConnection connection, string baseUrl)
    {
        using var tags = await connection.GetAsync(baseUrl + "/api/tags");
        var names = ListReading.Names(tags.RootElement, "models", "name") ?? throw new DiscoveryException("its answer at /api/tags is no list of models");
        var models = new List<DiscoveredModel>(names.Count);
        foreach (var some in names.Chunk(MostAtOnce))
            models.AddRange(await Task.WhenAll(some.Select(name => ShowAsync(connection, baseUrl, name))));
        return models;
    }

    private static async Task<DiscoveredModel> ShowAsync(ServerConnection connection, string baseUrl, string name)
    {
        try
        {
            using var shown = await connection.PostAsync(baseUrl + "/api/show", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["model"] = name }));
            return Read(name, shown.RootElement);
        }
        catch (Exception unanswered) when (unanswered is DiscoveryException or InvalidOperationException)
        {
            return new DiscoveredModel(name);
        }
    }

    /// <summary>What <c>/api/show</c> says of a model.</summary>
    internal static DiscoveredModel Read(string name, JsonElement shown)
    {
        int? context = null;
        if (shown.ValueKind == JsonValueKind.Object && shown.TryGetProperty("model_info", out var info) && info.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in info.EnumerateObject().Where(member => member.Name.EndsWith(".context_length", StringComparison.Ordinal)))
                context = ListReading.Tokens(member.Value) ?? context;
        }

        var can = ListReading.Texts(shown, "capabilities") ?? [];
        return new DiscoveredModel(name)
        {
            ContextLength = context,
            Tools = can.Contains("tools"),
            Vision = can.Contains("vision"),
            Thinking = can.Contains("thinking"),
            Embeddings = can.Contains("embedding") && !can.Contains("completion"),
        };
    }
}
