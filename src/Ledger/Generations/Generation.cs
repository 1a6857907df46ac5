namespace Fairlead.Ledger.Generations;

/// <summary>
/// The record of one answered (or refused) request: what <c>GET /generation</c> shows (platform contract §4). Written in the same transaction as
/// its charge. Never holds prompts or completions.
/// </summary>
public sealed record Generation
{
    /// <summary><c>gen-{unix seconds}-{20 base62}</c></summary>
    public required string Id { get; init; }
    /// <summary>The paying account.</summary>
    public required long AccountId { get; init; }
    /// <summary>The key used.</summary>
    public required long KeyId { get; init; }
    /// <summary>When the request arrived, Unix milliseconds.</summary>
    public required long CreatedAtMs { get; init; }
    /// <summary>The public slug that served.</summary>
    public required string Model { get; init; }
    /// <summary>The permanent slug that served.</summary>
    public required string ModelPermaslug { get; init; }
    /// <summary>The endpoint's stable id.</summary>
    public string? EndpointId { get; init; }
    /// <summary>The provider's display name.</summary>
    public string? ProviderName { get; init; }
    /// <summary>The provider's id of the answer.</summary>
    public string? UpstreamId { get; init; }
    /// <summary>One of <see cref="ApiTypes"/>.</summary>
    public string ApiType { get; init; } = ApiTypes.Completions;
    /// <summary>Origin of the calling app (its referer), or empty.</summary>
    public string Origin { get; init; } = "";
    /// <summary>The calling app's title, or null.</summary>
    public string? AppTitle { get; init; }
    /// <summary>The request's <c>user</c>.</summary>
    public string? ExternalUser { get; init; }
    /// <summary>The request's <c>session_id</c>.</summary>
    public string? SessionId { get; init; }
    /// <summary>The id of the preset the request was merged with, or null.</summary>
    public string? PresetId { get; init; }
    /// <summary>The generation whose kept answer was given again, or null: nothing was asked of a provider then.</summary>
    public string? ResponseCacheSourceId { get; init; }
    /// <summary>What the caller is charged.</summary>
    public required Credits Cost { get; init; }
    /// <summary>What the provider charges at list price.</summary>
    public Credits UpstreamCost { get; init; }
    /// <summary>Full price minus price charged of the cached part (P35); null without caching.</summary>
    public Credits? CacheDiscount { get; init; }
    /// <summary>The catalog version the prices came from.</summary>
    public long CatalogVersion { get; init; }
    /// <summary>The prices used, as JSON, so that the charge can be recomputed (P37).</summary>
    public string? PriceSnapshot { get; init; }
    /// <summary>The answer was streamed.</summary>
    public bool Streamed { get; init; }
    /// <summary>The caller left, or the gateway was killed.</summary>
    public bool Cancelled { get; init; }
    /// <summary>The caller's own provider key was used.</summary>
    public bool IsByok { get; init; }
    /// <summary>Usage was refused and replaced by our own count (invariant M6), or the provider reported none.</summary>
    public bool UsageEstimated { get; init; }
    /// <summary>Normalised finish reason, or null.</summary>
    public string? FinishReason { get; init; }
    /// <summary>The provider's own word.</summary>
    public string? NativeFinishReason { get; init; }
    /// <summary>Milliseconds from request to first token.</summary>
    public int? LatencyMs { get; init; }
    /// <summary>Milliseconds from first token to last.</summary>
    public int? GenerationMs { get; init; }
    /// <summary>Prompt tokens, normalised (o200k).</summary>
    public long TokensPrompt { get; init; }
    /// <summary>Completion tokens, normalised (o200k).</summary>
    public long TokensCompletion { get; init; }
    /// <summary>Prompt tokens as the provider counts.</summary>
    public long NativeTokensPrompt { get; init; }
    /// <summary>Completion tokens as the provider counts.</summary>
    public long NativeTokensCompletion { get; init; }
    /// <summary>Reasoning tokens as the provider counts.</summary>
    public long NativeTokensReasoning { get; init; }
    /// <summary>Cached tokens as the provider counts.</summary>
    public long NativeTokensCached { get; init; }
    /// <summary>Image tokens written, as the provider counts.</summary>
    public long NativeTokensCompletionImages { get; init; }
    /// <summary>Images, files and videos in the prompt.</summary>
    public int MediaPrompt { get; init; }
    /// <summary>Audio parts in the prompt.</summary>
    public int InputAudioPrompt { get; init; }
    /// <summary>Images in the answer.</summary>
    public int MediaCompletion { get; init; }
    /// <summary>Web searches run.</summary>
    public int SearchResults { get; init; }
    /// <summary>
    /// What else the cost was computed from, as the room of prices writes it; empty where the counts above are all. Null in a record that says too little to be
    /// recomputed: it was made by an earlier version.
    /// </summary>
    public string? UsageDetail { get; init; } = "";
    /// <summary>Every attempt, as the JSON array <c>provider_responses</c>; null when none was made.</summary>
    public string? ProviderResponses { get; init; }
    /// <summary>The route decision, compactly: seed, catalog version, candidates. Written and read by the inference room alone.</summary>
    public string? RouteDecision { get; init; }
}
