using Fairlead.Catalog.Pricing;

namespace Fairlead.Catalog.Configuration;

/// <summary>
/// What the operator decided beyond providers and models: the <c>catalog</c> and <c>inference</c> objects of the configuration. Read it from
/// <see cref="Snapshot.CatalogSnapshot.Options"/>; it changes with the files, without a restart.
/// </summary>
public sealed record GatewayOptions
{
    /// <summary>Everything at its default.</summary>
    public static GatewayOptions Default { get; } = new();

    /// <summary><c>catalog.list</c>: <c>/models</c> shows models without a live endpoint too (<c>all</c>). Default false (<c>live</c>).</summary>
    public bool ListAll { get; init; }
    /// <summary><c>inference.default_model</c>: used when a request names none (I-10). Default none.</summary>
    public string? DefaultModel { get; init; }
    /// <summary><c>inference.max_body_bytes</c>: of a request, after decompression (I-11). Default 32 MiB, 1 KiB to 1 GiB.</summary>
    public int MaxBodyBytes { get; init; } = 32 * 1024 * 1024;
    /// <summary><c>inference.max_models</c>: entries taken in <c>models</c>, 0 = any number. Default 3, 0 to 100.</summary>
    public int MaxModels { get; init; } = 3;
    /// <summary><c>inference.max_attempts</c>: upstream attempts per request. Default 8, 1 to 50.</summary>
    public int MaxAttempts { get; init; } = 8;
    /// <summary><c>inference.attempts_s</c>: until the first token, all attempts together. Default 120 seconds, 1 to 3600.</summary>
    public TimeSpan AttemptsDeadline { get; init; } = TimeSpan.FromSeconds(120);
    /// <summary><c>inference.first_comment_s</c>: silence before the first keep-alive (I-26). Default 10 seconds, 0.1 to 600.</summary>
    public TimeSpan FirstComment { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary><c>inference.comment_every_s</c>: silence between keep-alives after the first (I-26). Default 15 seconds, 0.1 to 600.</summary>
    public TimeSpan CommentEvery { get; init; } = TimeSpan.FromSeconds(15);
    /// <summary>
    /// <c>inference.byok_fee_percent</c> (0 to 100, default 5) and <c>inference.byok_free_requests</c> per month (default 1,000,000): what answers on a
    /// caller's own provider key cost here (P34).
    /// </summary>
    public ByokFees Byok { get; init; } = ByokFees.Default;
    /// <summary><c>inference.free_models</c>: how many requests for free models (<c>:free</c>) an account may make (platform §11.4).</summary>
    public FreeModelLimits FreeModels { get; init; } = FreeModelLimits.Default;
    /// <summary><c>inference.circuit</c>: when a failing endpoint is left alone, and when it is tried again.</summary>
    public CircuitOptions Circuit { get; init; } = CircuitOptions.Default;
    /// <summary><c>inference.exacto</c>: when the quality of endpoints orders them.</summary>
    public ExactoOptions Exacto { get; init; } = ExactoOptions.Default;
    /// <summary><c>inference.web_search</c>: who searches the web for models that cannot.</summary>
    public WebSearchOptions WebSearch { get; init; } = WebSearchOptions.Default;
    /// <summary><c>inference.body_builder</c>: who writes the answers of <c>openrouter/bodybuilder</c>.</summary>
    public BodyBuilderOptions BodyBuilder { get; init; } = BodyBuilderOptions.Default;

    /// <summary><c>inference.auto_router</c>: what <c>openrouter/auto</c> chooses from.</summary>
    public AutoRouterOptions AutoRouter { get; init; } = AutoRouterOptions.Default;
    /// <summary><c>inference.moderation</c>: who judges what callers send.</summary>
    public ModerationOptions Moderation { get; init; } = ModerationOptions.Default;
    /// <summary>
    /// <c>inference.sticky_s</c>: how long after an answer a conversation is believed to be in an endpoint's prompt cache. Default 600 seconds, 0 to
    /// 86400; 0 never.
    /// </summary>
    public TimeSpan StickyFor { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>
    /// <c>inference.response_cache_bytes</c>: memory for answers that may be given again. Default 64 MiB, 0 to 64 GiB; 0 keeps none.
    /// </summary>
    public long ResponseCacheBytes { get; init; } = 64L << 20;
    /// <summary><c>inference.stalled_reader_s</c>: a caller that reads nothing for this long is cut. Default 120 seconds, 1 to 3600.</summary>
    public TimeSpan StalledReader { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary><c>inference.file_parser</c>: who reads scanned files, and what a page costs.</summary>
    public FileParserOptions FileParser { get; init; } = FileParserOptions.Default;

    /// <summary>The same with the keys of services that the environment holds.</summary>
    internal GatewayOptions WithKeys(Func<string, string?> environment) => this with
    {
        WebSearch = WebSearch.WithKeys(environment),
        FileParser = FileParser.WithKeys(environment),
        Moderation = Moderation.WithKeys(environment),
    };
}
