using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Golden;

/// <summary>The gateway with one model of each kind of provider, all of them at one <see cref="ScriptedUpstream"/>; shared by the class.</summary>
public sealed class GoldenHost : IAsyncLifetime
{
    internal ScriptedUpstream Upstream { get; } = new();

    internal GatewayHost Gateway { get; private set; } = null!;

    public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new() { Config = Config(), Simulator = null });

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private string Config()
    {
        (string Id, string Protocol, string Path, string Model)[] models =
        [
            ("openai/gpt-5-mini", "openai-chat", "/v1", "gpt-5-mini-2025-08-07"),
            ("deepseek/deepseek-r1", "openai-chat", "/v1", "deepseek-reasoner"),
            ("anthropic/claude-sonnet-4.5", "anthropic-messages", "/v1", "claude-sonnet-4-5-20250929"),
            ("google/gemini-2.5-flash", "gemini", "/v1beta", "gemini-2.5-flash"),
            ("cohere/command-a", "cohere", "/v2", "command-a-03-2025"),
        ];
        var root = new JsonObject { ["providers"] = new JsonArray(), ["models"] = new JsonArray() };
        foreach (var (id, protocol, path, model) in models)
        {
            var slug = id[..id.IndexOf('/', StringComparison.Ordinal)];
            root["providers"]!.AsArray().Add(new JsonObject
            {
                ["slug"] = slug,
                ["name"] = slug,
                ["protocol"] = protocol,
                ["base_url"] = Upstream.Address + path,
                ["api_key"] = "key-of-" + slug,
                ["allow_private_network"] = true,
            });
            root["models"]!.AsArray().Add(new JsonObject
            {
                ["id"] = id,
                ["name"] = id,
                ["context_length"] = 200_000,
                ["architecture"] = new JsonObject
                {
                    ["input_modalities"] = new JsonArray("text"),
                    ["output_modalities"] = new JsonArray("text"),
                    ["tokenizer"] = "GPT",
                },
                ["endpoints"] = new JsonArray(new JsonObject
                {
                    ["provider"] = slug,
                    ["model"] = model,
                    ["context_length"] = 200_000,
                    ["max_completion_tokens"] = 16_000,
                    ["pricing"] = new JsonObject { ["prompt"] = "0.000003", ["completion"] = "0.000015", ["input_cache_read"] = "0.0000003" },
                    ["supported_parameters"] = new JsonArray(
                        "max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "include_reasoning"),
                }),
            });
        }

        return root.ToJsonString();
    }
}
