using System.Globalization;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>
/// Configurations for tests of one behaviour: each endpoint is a provider of its own at the simulator, with a fault in its model name, tried in the
/// order written (each is dearer than the one before, and requests ask for <c>sort: price</c>).
/// </summary>
internal static class UpstreamConfig
{
    public const string Model = "acme/m";

    /// <summary>One model whose endpoints are upstream model names such as <c>sim?status=503</c>.</summary>
    public static string Of(params string[] upstreams) => Of(new UpstreamSetup(), upstreams);

    public static string Of(UpstreamSetup setup, params string[] upstreams) => Models(setup, (Model, upstreams));

    /// <summary>Several models, each with its endpoints.</summary>
    public static string Models(UpstreamSetup setup, params (string Id, string[] Upstreams)[] models)
    {
        var providers = new JsonArray();
        var modelList = new JsonArray();
        var n = 0;
        foreach (var (id, upstreams) in models)
        {
            var endpoints = new JsonArray();
            foreach (var upstream in upstreams)
            {
                n++;
                var slug = "p" + n.ToString(CultureInfo.InvariantCulture);
                providers.Add(Provider(setup, slug));
                endpoints.Add(Endpoint(setup, slug, upstream, n));
            }

            modelList.Add(new JsonObject
            {
                ["id"] = id,
                ["name"] = id,
                ["context_length"] = setup.Context,
                ["architecture"] = new JsonObject
                {
                    ["input_modalities"] = new JsonArray("text", "image"),
                    ["output_modalities"] = new JsonArray("text"),
                    ["tokenizer"] = "GPT",
                },
                ["endpoints"] = endpoints,
            });
        }

        var root = new JsonObject { ["providers"] = providers, ["models"] = modelList };
        if (setup.Inference is not null)
            root["inference"] = setup.Inference.DeepClone();
        return root.ToJsonString();
    }

    private static JsonObject Provider(UpstreamSetup setup, string slug) => new()
    {
        ["slug"] = slug,
        ["name"] = slug.ToUpperInvariant(),
        ["protocol"] = setup.Protocol,
        ["base_url"] = setup.BaseUrl ?? "SIMULATOR/" + (setup.Protocol == "gemini" ? "v1beta" : "v1"),
        ["api_key"] = setup.ApiKey,
        ["allow_private_network"] = true,
        ["timeouts"] = new JsonObject { ["first_token_s"] = setup.FirstTokenSeconds, ["between_tokens_s"] = setup.BetweenTokensSeconds, ["total_s"] = 60 },
    };

    private static JsonObject Endpoint(UpstreamSetup setup, string slug, string upstream, int n) => new()
    {
        ["provider"] = slug,
        ["model"] = upstream,
        ["context_length"] = setup.Context,
        ["max_completion_tokens"] = setup.MaxCompletion,
        ["can_abort"] = setup.CanAbort,
        ["is_moderated"] = setup.Moderated.Contains(n),
        ["rate_limit"] = new JsonObject { ["rpm"] = setup.TwoPerMinute.Contains(n) ? 2 : 0 },
        ["pricing"] = new JsonObject
        {
            ["prompt"] = (n * 0.000001m).ToString(CultureInfo.InvariantCulture),
            ["completion"] = (n * 0.000002m).ToString(CultureInfo.InvariantCulture),
        },
        ["supported_parameters"] = new JsonArray("max_tokens", "temperature", "top_p", "stop", "seed", "tools", "tool_choice", "response_format", "reasoning"),
    };
}

/// <summary>What the endpoints of a test have in common.</summary>
internal sealed record UpstreamSetup
{
    public string Protocol { get; init; } = "openai-chat";
    public string? BaseUrl { get; init; }
    public string ApiKey { get; init; } = "key";
    public double FirstTokenSeconds { get; init; } = 10;
    public double BetweenTokensSeconds { get; init; } = 10;
    public bool CanAbort { get; init; } = true;
    public int Context { get; init; } = 100_000;
    public int MaxCompletion { get; init; } = 8000;
    public int[] Moderated { get; init; } = [];
    public int[] TwoPerMinute { get; init; } = [];
    public JsonObject? Inference { get; init; }
}
