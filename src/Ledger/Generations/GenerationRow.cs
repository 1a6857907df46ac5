using System.Data.Common;

namespace Fairlead.Ledger.Generations;

/// <summary>The current row of a query over <c>generations</c>, as a <see cref="Generation"/>.</summary>
internal readonly struct GenerationRow(DbDataReader reader)
{
    public Generation Read() => new()
    {
        Id = Text("id")!,
        AccountId = Number("account_id"),
        KeyId = Number("key_id"),
        CreatedAtMs = Number("created_at_ms"),
        Model = Text("model")!,
        ModelPermaslug = Text("model_permaslug")!,
        EndpointId = Text("endpoint_id"),
        ProviderName = Text("provider_name"),
        UpstreamId = Text("upstream_id"),
        ApiType = Text("api_type")!,
        Origin = Text("origin")!,
        AppTitle = Text("app_title"),
        ExternalUser = Text("external_user"),
        SessionId = Text("session_id"),
        PresetId = Text("preset_id"),
        ResponseCacheSourceId = Text("response_cache_source_id"),
        Cost = new(Number("cost")),
        UpstreamCost = new(Number("upstream_cost")),
        CacheDiscount = NumberOrNull("cache_discount") is { } discount ? new Credits(discount) : null,
        CatalogVersion = Number("catalog_version"),
        PriceSnapshot = Text("price_body"),
        Streamed = Number("streamed") != 0,
        Cancelled = Number("cancelled") != 0,
        IsByok = Number("is_byok") != 0,
        UsageEstimated = Number("usage_estimated") != 0,
        FinishReason = Text("finish_reason"),
        NativeFinishReason = Text("native_finish_reason"),
        LatencyMs = (int?)NumberOrNull("latency_ms"),
        GenerationMs = (int?)NumberOrNull("generation_ms"),
        TokensPrompt = Number("tokens_prompt"),
        TokensCompletion = Number("tokens_completion"),
        NativeTokensPrompt = Number("native_tokens_prompt"),
        NativeTokensCompletion = Number("native_tokens_completion"),
        NativeTokensReasoning = Number("native_tokens_reasoning"),
        NativeTokensCached = Number("native_tokens_cached"),
        NativeTokensCompletionImages = Number("native_tokens_completion_images"),
        MediaPrompt = (int)Number("media_prompt"),
        InputAudioPrompt = (int)Number("input_audio_prompt"),
        MediaCompletion = (int)Number("media_completion"),
        SearchResults = (int)Number("search_results"),
        UsageDetail = Text("usage_detail"),
        ProviderResponses = Text("provider_responses"),
        RouteDecision = Text("route_decision"),
    };

    private long Number(string column) => reader.GetInt64(reader.GetOrdinal(column));

    private long? NumberOrNull(string column) => reader.GetOrdinal(column) is var i && reader.IsDBNull(i) ? null : reader.GetInt64(i);

    private string? Text(string column) => reader.GetOrdinal(column) is var i && reader.IsDBNull(i) ? null : reader.GetString(i);
}
