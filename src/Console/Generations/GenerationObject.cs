using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Console.Generations;

/// <summary>The answer of <c>/generation</c>.</summary>
internal sealed record GenerationAnswer([property: JsonPropertyName("data")] GenerationObject Data);

/// <summary>The record of one request (platform §4). Amounts are US dollars, times milliseconds.</summary>
internal sealed record GenerationObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("upstream_id")]
    public required string? UpstreamId { get; init; }

    [JsonPropertyName("total_cost")]
    public required decimal TotalCost { get; init; }

    [JsonPropertyName("usage")]
    public required decimal Usage { get; init; }

    [JsonPropertyName("cache_discount")]
    public required decimal? CacheDiscount { get; init; }

    [JsonPropertyName("upstream_inference_cost")]
    public required decimal? UpstreamInferenceCost { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Null: this version keeps no directory of apps.</summary>
    [JsonPropertyName("app_id")]
    public long? AppId { get; init; }

    [JsonPropertyName("origin")]
    public required string Origin { get; init; }

    [JsonPropertyName("http_referer")]
    public required string? HttpReferer { get; init; }

    /// <summary>Requests are not bound to a region.</summary>
    [JsonPropertyName("data_region")]
    public string DataRegion { get; init; } = "global";

    [JsonPropertyName("external_user")]
    public required string? ExternalUser { get; init; }

    [JsonPropertyName("api_type")]
    public required string? ApiType { get; init; }

    [JsonPropertyName("provider_name")]
    public required string? ProviderName { get; init; }

    [JsonPropertyName("provider_responses")]
    public required JsonElement? ProviderResponses { get; init; }

    [JsonPropertyName("is_byok")]
    public required bool IsByok { get; init; }

    [JsonPropertyName("streamed")]
    public required bool? Streamed { get; init; }

    [JsonPropertyName("cancelled")]
    public required bool? Cancelled { get; init; }

    [JsonPropertyName("finish_reason")]
    public required string? FinishReason { get; init; }

    [JsonPropertyName("native_finish_reason")]
    public required string? NativeFinishReason { get; init; }

    /// <summary>Request to first token.</summary>
    [JsonPropertyName("latency")]
    public required int? Latency { get; init; }

    /// <summary>Milliseconds; null where the input was not judged.</summary>
    [JsonPropertyName("moderation_latency")]
    public int? ModerationLatency { get; init; }

    /// <summary>First token to last.</summary>
    [JsonPropertyName("generation_time")]
    public required int? GenerationTime { get; init; }

    [JsonPropertyName("tokens_prompt")]
    public required long? TokensPrompt { get; init; }

    [JsonPropertyName("tokens_completion")]
    public required long? TokensCompletion { get; init; }

    [JsonPropertyName("native_tokens_prompt")]
    public required long? NativeTokensPrompt { get; init; }

    [JsonPropertyName("native_tokens_completion")]
    public required long? NativeTokensCompletion { get; init; }

    [JsonPropertyName("native_tokens_completion_images")]
    public required long? NativeTokensCompletionImages { get; init; }

    [JsonPropertyName("native_tokens_reasoning")]
    public required long? NativeTokensReasoning { get; init; }

    [JsonPropertyName("native_tokens_cached")]
    public required long? NativeTokensCached { get; init; }

    [JsonPropertyName("num_media_prompt")]
    public required int? NumMediaPrompt { get; init; }

    [JsonPropertyName("num_input_audio_prompt")]
    public required int? NumInputAudioPrompt { get; init; }

    [JsonPropertyName("num_media_completion")]
    public required int? NumMediaCompletion { get; init; }

    [JsonPropertyName("num_search_results")]
    public required int? NumSearchResults { get; init; }

    /// <summary>Null: not kept.</summary>
    [JsonPropertyName("num_fetches")]
    public int? NumFetches { get; init; }

    [JsonPropertyName("preset_id")]
    public required string? PresetId { get; init; }

    [JsonPropertyName("response_cache_source_id"), Description("The generation whose kept answer was given again; absent where a provider was asked."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResponseCacheSourceId { get; init; }

    /// <summary>Null: which router chose the model is told by <c>/generation/why</c>.</summary>
    [JsonPropertyName("router")]
    public string? Router { get; init; }

    /// <summary><c>priority</c> or <c>flex</c>; null where the tier everybody has answered, or nobody did.</summary>
    [JsonPropertyName("service_tier")]
    public string? ServiceTier { get; init; }

    [JsonPropertyName("session_id")]
    public required string? SessionId { get; init; }

    /// <summary>Null: not kept.</summary>
    [JsonPropertyName("user_agent")]
    public string? UserAgent { get; init; }

    /// <summary>Null: not kept. <c>openrouter_metadata</c> of the answer names it.</summary>
    [JsonPropertyName("web_search_engine")]
    public string? WebSearchEngine { get; init; }

    /// <summary>Null: this version has no workspaces.</summary>
    [JsonPropertyName("workspace_id")]
    public string? WorkspaceId { get; init; }
}
