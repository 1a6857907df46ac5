using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Cloud;

namespace Fairlead.Gateway.Tests.Conformance;

/// <summary>The upstream dialects, each with a model, at gateways whose providers misbehave in one way; a gateway is started once for each way.</summary>
internal sealed class Upstreams : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Plain = new(StringComparer.Ordinal)
    {
        ["openai-chat"] = "sim", ["openai-responses"] = "sim", ["anthropic-messages"] = "claude-sonnet-4-5", ["gemini"] = "gemini-2.5-flash",
        ["cohere"] = "command-a-reasoning-08-2025", ["ollama"] = "sim",
    };

    private static readonly Dictionary<string, string> Clouds = new(StringComparer.Ordinal)
    {
        ["bedrock (Converse)"] = CloudSetup.Converse, ["bedrock (Claude)"] = CloudSetup.BedrockClaude, ["vertex (Gemini)"] = CloudSetup.VertexGemini,
        ["vertex (Claude)"] = CloudSetup.VertexClaude, ["vertex (others)"] = CloudSetup.VertexOpen, ["azure-openai"] = CloudSetup.AzureChat, ["azure (Claude)"] = CloudSetup.AzureClaude,
    };

    private static readonly Dictionary<string, string> Drawing = new(StringComparer.Ordinal)
    {
        ["openai-chat"] = "sim", ["gemini"] = "gemini-2.5-flash-image", ["vertex (Gemini)"] = CloudSetup.VertexImages,
    };

    private readonly Dictionary<(string Faults, bool Cloud), GatewayHost> hosts = [];
    private readonly SemaphoreSlim gate = new(1);

    public static IReadOnlyList<string> All => [.. Plain.Keys, .. Clouds.Keys];

    /// <summary>A gateway at which <paramref name="upstream"/> suffers <paramref name="faults"/>, and the model to ask for; one that makes images where it <paramref name="draws"/>.</summary>
    public async Task<(GatewayHost Host, string Model)> AtAsync(string upstream, string faults, bool draws = false)
    {
        var cloud = Clouds.ContainsKey(upstream);
        await gate.WaitAsync();
        try
        {
            if (!hosts.TryGetValue((faults, cloud), out var host))
                hosts[(faults, cloud)] = host = cloud ? await CloudSetup.StartAsync(faults) : await GatewayHost.StartAsync(new() { Config = Config(faults) });
            return (host, cloud ? (draws ? Drawing : Clouds)[upstream] : (draws ? "draw/" : "acme/") + upstream);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts.Values)
            await host.DisposeAsync();
        gate.Dispose();
    }

    private static string Config(string faults)
    {
        var providers = new JsonArray();
        var models = new JsonArray();
        foreach (var (protocol, upstream) in Plain)
        {
            providers.Add(new JsonObject
            {
                ["slug"] = protocol, ["name"] = protocol, ["protocol"] = protocol, ["base_url"] = "SIMULATOR/" + (protocol == "gemini" ? "v1beta" : "v1"),
                ["api_key"] = "key", ["allow_private_network"] = true, ["timeouts"] = new JsonObject { ["first_token_s"] = 20, ["between_tokens_s"] = 20, ["total_s"] = 60 },
            });
            models.Add(Model("acme/" + protocol, protocol, faults.Length == 0 ? upstream : $"{upstream}?{faults}", "text"));
            if (Drawing.TryGetValue(protocol, out var drawing))
                models.Add(Model("draw/" + protocol, protocol, drawing, "text", "image"));
        }

        return new JsonObject { ["providers"] = providers, ["models"] = models }.ToJsonString();
    }

    private static JsonObject Model(string id, string provider, string upstream, params string[] outputs) => new()
    {
        ["id"] = id, ["name"] = id, ["context_length"] = 100_000,
        ["architecture"] = new JsonObject
        {
            ["input_modalities"] = new JsonArray("text", "image"), ["output_modalities"] = new JsonArray([.. outputs.Select(output => (JsonNode)output)]), ["tokenizer"] = "Other",
        },
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["provider"] = provider, ["model"] = upstream, ["context_length"] = 100_000, ["max_completion_tokens"] = 8000, ["can_abort"] = true,
            ["pricing"] = new JsonObject { ["prompt"] = "0.000001", ["completion"] = "0.000002" },
            ["supported_parameters"] = new JsonArray("max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice", "response_format", "structured_outputs", "reasoning", "include_reasoning"),
        }),
    };
}
