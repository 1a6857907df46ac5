using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Images;

/// <summary>A gateway with models that make images over every format they come in, and others that only look at them, all at the simulator.</summary>
public sealed class ImagesHost : IAsyncLifetime
{
    public const string Chat = "draw/chat";
    public const string Flash = "draw/gemini-2.5";
    public const string Pro = "draw/gemini-3";
    public const string Vertex = "draw/vertex";
    public const string Uncounted = "draw/uncounted";
    public const string Seeing = "look/chat";
    public const string Claude = "look/claude";
    public const string Blind = "look/not";

    private static readonly (string Id, string Provider, string Upstream, bool Reads, bool Writes)[] Models =
    [
        (Chat, "plain", "sim", true, true),
        (Flash, "gemini", "gemini-2.5-flash-image", true, true),
        (Pro, "gemini", "gemini-3-pro-image-preview", true, true),
        (Vertex, "vertex", "gemini-3-pro-image-preview", true, true),
        (Uncounted, "plain", "sim?no_usage=1", true, true),
        (Seeing, "plain", "sim", true, false),
        (Claude, "claude", "sim", true, false),
        (Blind, "plain", "sim", false, false),
    ];

    public GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new() { Config = Config() });

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    private static string Config() => new JsonObject
    {
        ["providers"] = new JsonArray(
            Provider("plain", "openai-chat", "SIMULATOR/v1"),
            Provider("gemini", "gemini", "SIMULATOR/v1beta"),
            Provider("claude", "anthropic-messages", "SIMULATOR/v1"),
            Provider("vertex", "vertex", "SIMULATOR/v1", new JsonObject { ["project"] = "p", ["location"] = "europe-west4" })),
        ["models"] = new JsonArray([.. Models.Select(model => (JsonNode)new JsonObject
        {
            ["id"] = model.Id, ["name"] = model.Id, ["context_length"] = 100_000,
            ["architecture"] = new JsonObject
            {
                ["input_modalities"] = model.Reads ? new JsonArray("text", "image") : new JsonArray("text"),
                ["output_modalities"] = model.Writes ? new JsonArray("image", "text") : new JsonArray("text"),
                ["tokenizer"] = "Other",
            },
            ["endpoints"] = new JsonArray(new JsonObject
            {
                ["provider"] = model.Provider, ["model"] = model.Upstream, ["max_completion_tokens"] = 16_000,
                ["pricing"] = new JsonObject { ["prompt"] = "0.000001", ["completion"] = "0.000002", ["image_output"] = "0.00003" },
                ["supported_parameters"] = new JsonArray("max_tokens", "temperature"),
            }),
        })]),
    }.ToJsonString();

    private static JsonObject Provider(string slug, string protocol, string address, JsonObject? google = null)
    {
        var provider = new JsonObject { ["slug"] = slug, ["name"] = slug, ["protocol"] = protocol, ["base_url"] = address, ["api_key"] = "key", ["allow_private_network"] = true };
        if (google is not null)
            provider["google"] = google;
        return provider;
    }
}
