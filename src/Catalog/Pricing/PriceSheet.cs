namespace Fairlead.Catalog.Pricing;

/// <summary>Prices of one endpoint in US dollars per token, request or unit: exact decimals (platform §11.7). Null: not priced apart.</summary>
public sealed record PriceSheet
{
    /// <summary>Per input token.</summary>
    public required decimal Prompt { get; init; }
    /// <summary>Per output token.</summary>
    public required decimal Completion { get; init; }
    /// <summary>Per request.</summary>
    public decimal Request { get; init; }
    /// <summary>Per input image, where its tokens are not priced apart.</summary>
    public decimal Image { get; init; }
    /// <summary>Per input image token.</summary>
    public decimal? ImageToken { get; init; }
    /// <summary>Per output image token.</summary>
    public decimal? ImageOutput { get; init; }
    /// <summary>Per search.</summary>
    public decimal? WebSearch { get; init; }
    /// <summary>Per reasoning token, when priced apart from output.</summary>
    public decimal? InternalReasoning { get; init; }
    /// <summary>Per cached input token read.</summary>
    public decimal? InputCacheRead { get; init; }
    /// <summary>Per input token written to the cache (5-minute class).</summary>
    public decimal? InputCacheWrite { get; init; }
    /// <summary>Per input token written to the cache for one hour.</summary>
    public decimal? InputCacheWrite1h { get; init; }
    /// <summary>Per audio input token.</summary>
    public decimal? Audio { get; init; }
    /// <summary>Per audio output token.</summary>
    public decimal? AudioOutput { get; init; }
    /// <summary>Per cached audio input token; as <see cref="InputCacheRead"/> when not priced apart.</summary>
    public decimal? InputAudioCache { get; init; }
    /// <summary>Fraction already taken off the strings above; informational (P36).</summary>
    public decimal Discount { get; init; }
    /// <summary>Conditional prices, later matching entries win per key.</summary>
    public IReadOnlyList<PriceOverride> Overrides { get; init; } = [];

    /// <summary>This sheet with prices replaced by wire name.</summary>
    internal PriceSheet With(IReadOnlyDictionary<string, decimal> prices)
    {
        decimal? Of(string name, decimal? inherited) => prices.TryGetValue(name, out var price) ? price : inherited;
        return this with
        {
            Prompt = Of("prompt", Prompt)!.Value,
            Completion = Of("completion", Completion)!.Value,
            Request = Of("request", Request)!.Value,
            Image = Of("image", Image)!.Value,
            ImageToken = Of("image_token", ImageToken),
            ImageOutput = Of("image_output", ImageOutput),
            WebSearch = Of("web_search", WebSearch),
            InternalReasoning = Of("internal_reasoning", InternalReasoning),
            InputCacheRead = Of("input_cache_read", InputCacheRead),
            InputCacheWrite = Of("input_cache_write", InputCacheWrite),
            InputCacheWrite1h = Of("input_cache_write_1h", InputCacheWrite1h),
            Audio = Of("audio", Audio),
            AudioOutput = Of("audio_output", AudioOutput),
            InputAudioCache = Of("input_audio_cache", InputAudioCache),
        };
    }

    /// <summary>A sheet from prices by wire name; <c>prompt</c> and <c>completion</c> default to zero, unknown names are ignored.</summary>
    public static PriceSheet FromPrices(IReadOnlyDictionary<string, decimal> prices) => new PriceSheet { Prompt = 0, Completion = 0 }.With(prices);
}

/// <summary>Prices that replace others when every condition holds. Null prices inherit.</summary>
public sealed record PriceOverride
{
    /// <summary>The prompt must be longer than this many tokens.</summary>
    public long? MinPromptTokens { get; init; }
    /// <summary>Start of the daily window, HHMM UTC.</summary>
    public int? UtcStart { get; init; }
    /// <summary>End of the daily window (exclusive), HHMM UTC.</summary>
    public int? UtcEnd { get; init; }
    /// <summary>Replacing prices by wire name (<c>prompt</c>, <c>completion</c>, …).</summary>
    public required IReadOnlyDictionary<string, decimal> Prices { get; init; }
}
