using System.Text.Json.Serialization;
using Fairlead.Console.Models;

namespace Fairlead.Console.Endpoints;

/// <summary>
/// One provider's offer of one model on the wire (platform §3.3). Uptimes, latency and throughput are null where there is too little data; the last two
/// also for callers without a key.
/// </summary>
internal sealed record EndpointObject
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("model_id")]
    public required string ModelId { get; init; }

    [JsonPropertyName("model_name")]
    public required string ModelName { get; init; }

    [JsonPropertyName("context_length")]
    public required int ContextLength { get; init; }

    [JsonPropertyName("pricing")]
    public required PricingObject Pricing { get; init; }

    [JsonPropertyName("provider_name")]
    public required string ProviderName { get; init; }

    [JsonPropertyName("tag")]
    public required string Tag { get; init; }

    [JsonPropertyName("quantization")]
    public required string? Quantization { get; init; }

    [JsonPropertyName("max_completion_tokens")]
    public required int? MaxCompletionTokens { get; init; }

    [JsonPropertyName("max_prompt_tokens")]
    public required int? MaxPromptTokens { get; init; }

    [JsonPropertyName("supported_parameters")]
    public required IReadOnlyList<string> SupportedParameters { get; init; }

    [JsonPropertyName("supports_implicit_caching")]
    public required bool SupportsImplicitCaching { get; init; }

    [JsonPropertyName("supports_tool_choice")]
    public required ToolChoiceObject SupportsToolChoice { get; init; }

    [JsonPropertyName("supports_voice_cloning")]
    public bool SupportsVoiceCloning { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("uptime_last_5m")]
    public decimal? UptimeLast5m { get; init; }

    [JsonPropertyName("uptime_last_30m")]
    public decimal? UptimeLast30m { get; init; }

    [JsonPropertyName("uptime_last_1d")]
    public decimal? UptimeLast1d { get; init; }

    [JsonPropertyName("latency_last_30m")]
    public PercentilesObject? LatencyLast30m { get; init; }

    [JsonPropertyName("throughput_last_30m")]
    public PercentilesObject? ThroughputLast30m { get; init; }
}

/// <summary>Which forms of <c>tool_choice</c> an endpoint takes.</summary>
internal sealed record ToolChoiceObject
{
    [JsonPropertyName("none")]
    public required bool None { get; init; }

    [JsonPropertyName("auto")]
    public required bool Auto { get; init; }

    [JsonPropertyName("required")]
    public required bool Required { get; init; }

    [JsonPropertyName("function")]
    public required bool Function { get; init; }
}

internal sealed record PercentilesObject
{
    [JsonPropertyName("p50")]
    public required decimal P50 { get; init; }

    [JsonPropertyName("p75")]
    public required decimal P75 { get; init; }

    [JsonPropertyName("p90")]
    public required decimal P90 { get; init; }

    [JsonPropertyName("p99")]
    public required decimal P99 { get; init; }
}

/// <summary>The answer of <c>/models/{author}/{slug}/endpoints</c>.</summary>
internal sealed record ModelEndpointsAnswer([property: JsonPropertyName("data")] ModelEndpointsObject Data);

internal sealed record ModelEndpointsObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("description")]
    public string Description { get; init; } = "";

    [JsonPropertyName("architecture")]
    public required ArchitectureObject Architecture { get; init; }

    [JsonPropertyName("endpoints")]
    public required IReadOnlyList<EndpointObject> Endpoints { get; init; }
}

/// <summary>The answer of <c>/endpoints/zdr</c>.</summary>
internal sealed record EndpointsAnswer([property: JsonPropertyName("data")] IReadOnlyList<EndpointObject> Data);
