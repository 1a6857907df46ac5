using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Inference;
using Fairlead.Inference.Attempt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fairlead.Gateway.Tests.Plugins.FileParser;

/// <summary>
/// A gateway with a fake of Mistral's OCR and a host of files, and three models: <c>acme/plain</c> reads text, <c>acme/eyes</c> pictures too, <c>acme/reader</c> files.
/// </summary>
public sealed class FileParserHost : IAsyncLifetime
{
    private const string Models = """
        { "id": "acme/plain", "context_length": 131072, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "sim", "context_length": 131072, "pricing": { "prompt": "0.000001", "completion": "0.000002" } } ] },
        { "id": "acme/eyes", "context_length": 131072, "architecture": { "input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "sim", "context_length": 131072, "pricing": { "prompt": "0.000001", "completion": "0.000002" } } ] },
        { "id": "acme/reader", "context_length": 131072, "architecture": { "input_modalities": ["text", "file"], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "sim", "context_length": 131072, "pricing": { "prompt": "0.000001", "completion": "0.000002" } } ] },
        { "id": "acme/broken-reader", "context_length": 131072, "architecture": { "input_modalities": ["text", "file"], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "sim?status=503", "context_length": 131072, "pricing": { "prompt": "0.000001", "completion": "0.000002" } } ] },
        { "id": "acme/broken", "context_length": 131072, "architecture": { "input_modalities": ["text"], "output_modalities": ["text"], "tokenizer": "GPT" },
          "endpoints": [ { "provider": "one", "model": "sim?status=503", "context_length": 131072, "pricing": { "prompt": "0.000001", "completion": "0.000002" } } ] },
        """;

    private const string Provider = """{ "slug": "one", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "k", "allow_private_network": true },""";

    internal GatewayHost Gateway { get; private set; } = null!;

    /// <summary>Mistral.</summary>
    internal FakeService Ocr { get; private set; } = null!;

    /// <summary>Where files have addresses.</summary>
    internal FakeService Files { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Ocr = await FakeService.StartAsync();
        Files = await FakeService.StartAsync();
        var mistral = $$"""{ "slug": "mistral", "protocol": "openai-chat", "base_url": "{{Ocr.Address}}/v1", "api_key": "ocr-key", "allow_private_network": true },""";
        Gateway = await GatewayHost.StartAsync(new()
        {
            Config = $$"""{ "providers": [ {{Provider}} {{mistral}} ], "models": [ {{Models}} ] }""",
            Configure = services => services.AddSingleton(provider => new MediaFetcher(provider.GetRequiredService<IOptions<InferenceOptions>>(), allowPrivate: true)),
        });
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Ocr.DisposeAsync();
        await Files.DisposeAsync();
    }

    /// <summary>Answers as Mistral does, a page for each text, each with some pictures.</summary>
    internal void OcrReads(int pictures, params string[] pages) => Ocr.Answer = _ => (200, new JsonObject
    {
        ["pages"] = new JsonArray([.. pages.Select((text, i) => new JsonObject
        {
            ["index"] = i,
            ["markdown"] = text,
            ["images"] = new JsonArray([.. Enumerable.Range(0, pictures).Select(n => new JsonObject
            {
                ["id"] = $"img-{n}.png", ["top_left_x"] = 1, ["top_left_y"] = 1, ["bottom_right_x"] = 2, ["bottom_right_y"] = 2,
                ["image_base64"] = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
            })]),
            ["dimensions"] = new JsonObject { ["dpi"] = 200, ["height"] = 2200, ["width"] = 1700 },
        })]),
        ["model"] = "mistral-ocr-2512",
        ["usage_info"] = new JsonObject { ["pages_processed"] = pages.Length, ["doc_size_bytes"] = 1000 },
    }.ToJsonString());

    /// <summary>A request about a file.</summary>
    internal static JsonObject Body(string model, string data, string? name = "tides.pdf", string? engine = null, bool stream = false)
    {
        var body = ChatClient.Body(model: model, stream: stream);
        var file = new JsonObject { ["file_data"] = data };
        if (name is not null)
            file["filename"] = name;
        body["messages"]![0]!["content"] = new JsonArray(
            new JsonObject { ["type"] = "file", ["file"] = file }, new JsonObject { ["type"] = "text", ["text"] = "Repeat after me: I have read it" });
        if (engine is not null)
            body["plugins"] = new JsonArray(new JsonObject { ["id"] = "file-parser", ["pdf"] = new JsonObject { ["engine"] = engine } });
        return body;
    }

    internal static string Pdf(params string[] pages) => "data:application/pdf;base64," + Convert.ToBase64String(TestPdf.Of(pages));

    internal static string Data(string type, string text) => $"data:{type};base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>The parts of the last user message the provider got.</summary>
    internal IReadOnlyList<JsonNode> Sent() => [.. JsonNode.Parse(Gateway.Simulator!.Requests[^1].BodyText)!["messages"]!.AsArray().Last(m => (string?)m!["role"] == "user")!["content"]!.AsArray().Select(part => part!)];

    internal static IReadOnlyList<JsonNode> Annotations(ChatReply reply) => reply.ContentType == "text/event-stream"
        ? [.. reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["annotations"]?.AsArray() ?? []).Select(a => a!)]
        : [.. reply.Json["choices"]![0]!["message"]!["annotations"]?.AsArray().Select(a => a!) ?? []];
}
