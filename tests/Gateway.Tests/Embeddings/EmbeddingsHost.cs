using System.Buffers.Binary;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Embeddings;

/// <summary>A gateway with one model of embeddings for each format they are spoken in, all at the simulator.</summary>
public sealed class EmbeddingsHost : IAsyncLifetime
{
    public const string Plain = "acme/plain";
    public const string Azure = "acme/azure";
    public const string Deployment = "acme/deployment";
    public const string Gemini = "acme/gemini";
    public const string Vertex = "acme/vertex";
    public const string VertexOlder = "acme/vertex-older";
    public const string Titan = "acme/titan";
    public const string BedrockCohere = "acme/bedrock-cohere";
    public const string Cohere = "acme/cohere";
    public const string Ollama = "acme/ollama";

    /// <summary>Price of a prompt token of every model.</summary>
    public const decimal Price = 0.0000001m;

    private static readonly (string Id, string[] Endpoints)[] Models =
    [
        (Plain, ["plain sim"]),
        (Azure, ["azure sim"]),
        (Deployment, ["azure-dated my deployment"]),
        (Gemini, ["gemini gemini-embedding-001"]),
        (Vertex, ["vertex gemini-embedding-001"]),
        (VertexOlder, ["vertex text-embedding-005"]),
        (Titan, ["aws amazon.titan-embed-text-v2:0"]),
        (BedrockCohere, ["aws us.cohere.embed-v4:0"]),
        (Cohere, ["cohere embed-v4.0"]),
        (Ollama, ["ollama nomic-embed-text"]),
        ("acme/failing", ["plain sim?status=503", "cohere embed-v4.0"]),
        ("acme/garbled", ["plain sim?malformed_after=0"]),
        ("acme/uncounted", ["plain sim?no_usage=1"]),
        ("acme/texts-first", ["gemini gemini-embedding-001", "plain sim"]),
    ];

    public GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new() { Config = Config() });

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    internal static JsonObject Body(string model, JsonNode input) => new() { ["model"] = model, ["input"] = input, ["provider"] = new JsonObject { ["sort"] = "price" } };

    internal async Task<ChatReply> EmbedAsync(JsonObject body)
    {
        using var response = await Gateway.Client.PostAsJsonAsync("api/v1/embeddings", body);
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The vectors of an answer in either form.</summary>
    internal static List<float[]> Vectors(JsonNode answer) => [.. answer["data"]!.AsArray().Select((item, i) =>
    {
        Assert.Equal(i, (int)item!["index"]!);
        Assert.Equal("embedding", (string?)item["object"]);
        if (item["embedding"] is JsonArray numbers)
            return numbers.Select(n => (float)n!).ToArray();
        var bytes = Convert.FromBase64String((string)item["embedding"]!);
        return Enumerable.Range(0, bytes.Length / 4).Select(at => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at * 4))).ToArray();
    })];

    internal static string Config()
    {
        var models = new JsonArray();
        foreach (var (id, endpoints) in Models)
        {
            models.Add(new JsonObject
            {
                ["id"] = id, ["name"] = id, ["context_length"] = 2000,
                ["architecture"] = new JsonObject { ["input_modalities"] = new JsonArray("text", "image"), ["output_modalities"] = new JsonArray("embeddings"), ["tokenizer"] = "GPT" },
                ["endpoints"] = new JsonArray([.. endpoints.Select((endpoint, i) => (JsonNode)new JsonObject
                {
                    ["provider"] = endpoint[..endpoint.IndexOf(' ')],
                    ["model"] = endpoint[(endpoint.IndexOf(' ') + 1)..],
                    ["pricing"] = new JsonObject { ["prompt"] = i == 0 ? "0.0000001" : "0.0000002", ["completion"] = "0" },
                })]),
            });
        }

        models.Add(JsonNode.Parse("""{"id":"acme/chat","name":"c","context_length":1000,"endpoints":[{"provider":"plain","model":"sim","pricing":{"prompt":"0","completion":"0"}}]}"""));
        return new JsonObject
        {
            ["providers"] = new JsonArray(
                Provider("plain", "openai-chat", "SIMULATOR/v1"),
                Provider("azure", "azure-openai", "SIMULATOR/openai/v1"),
                Provider("azure-dated", "azure-openai", "SIMULATOR", "azure", """{"api_version":"2024-10-21"}"""),
                Provider("gemini", "gemini", "SIMULATOR/v1beta"),
                Provider("vertex", "vertex", "SIMULATOR/v1", "google", """{"project":"p","location":"europe-west4"}"""),
                Provider("aws", "bedrock", "SIMULATOR/bedrock", "aws", """{"region":"eu-west-1"}"""),
                Provider("cohere", "cohere", "SIMULATOR/v2"),
                Provider("ollama", "ollama", "SIMULATOR")),
            ["models"] = models,
        }.ToJsonString();
    }

    private static JsonObject Provider(string slug, string protocol, string address, string? member = null, string? more = null)
    {
        var provider = new JsonObject
        {
            ["slug"] = slug, ["name"] = slug, ["protocol"] = protocol, ["base_url"] = address, ["api_key"] = "key", ["allow_private_network"] = true,
        };
        if (member is not null)
            provider[member] = JsonNode.Parse(more!);
        return provider;
    }
}
