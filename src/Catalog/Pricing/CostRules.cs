using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Pricing;

/// <summary>
/// The cost formula (platform §11.7), in decimals. Price classes are disjoint: uncached prompt = prompt − cache reads − cache writes − audio where
/// audio is priced apart; output = completion − reasoning, audio and image tokens where those are priced apart. Nothing here rounds; a charge is
/// rounded once, by <see cref="Ledger.Credits.Round"/>.
/// </summary>
public static class CostRules
{
    /// <summary>What <paramref name="usage"/> costs on these prices.</summary>
    public static CostBreakdown CostOf(this PriceSheet sheet, in Usage usage, in PricingContext context)
    {
        var prices = sheet.Overrides.Count == 0 ? sheet : Overridden(sheet, usage.PromptTokens, context.At);
        var audioIn = prices.Audio is null ? 0 : usage.AudioPromptTokens;
        var write5m = usage.CacheWriteTokens - usage.CacheWrite1hTokens;
        var uncached = Math.Max(0, usage.PromptTokens - usage.CachedTokens - usage.CacheWriteTokens - audioIn);
        var read = prices.InputCacheRead ?? prices.Prompt;
        var write = prices.InputCacheWrite ?? prices.Prompt;
        var write1h = prices.InputCacheWrite1h ?? write;

        var prompt = (uncached * prices.Prompt) + (usage.CachedTokens * read) + (write5m * write) + (usage.CacheWrite1hTokens * write1h)
            + (audioIn * (prices.Audio ?? 0)) + (context.Images * prices.Image);

        var reasoning = prices.InternalReasoning is > 0 ? usage.ReasoningTokens : 0;
        var audioOut = prices.AudioOutput is null ? 0 : usage.AudioCompletionTokens;
        var imageOut = prices.ImageOutput is null ? 0 : usage.ImageCompletionTokens;
        var written = Math.Max(0, usage.CompletionTokens - reasoning - audioOut - imageOut);
        var completion = (written * prices.Completion) + (reasoning * (prices.InternalReasoning ?? 0))
            + (audioOut * (prices.AudioOutput ?? 0)) + (imageOut * (prices.ImageOutput ?? 0));

        var cached = usage.CachedTokens + usage.CacheWriteTokens > 0;
        return new CostBreakdown
        {
            PromptCost = prompt,
            CompletionCost = completion,
            RequestCost = prices.Request + (usage.WebSearchRequests * (prices.WebSearch ?? 0)),
            CacheDiscount = cached
                ? (usage.CachedTokens * (prices.Prompt - read)) + (write5m * (prices.Prompt - write)) + (usage.CacheWrite1hTokens * (prices.Prompt - write1h))
                : null,
        };
    }

    /// <summary>The sheet with every override that holds for a prompt of this length at this time (strictly longer; half-open hours that may wrap).</summary>
    public static PriceSheet Overridden(PriceSheet sheet, long promptTokens, DateTimeOffset at)
    {
        var result = sheet;
        foreach (var entry in sheet.Overrides)
        {
            if (Holds(entry, promptTokens, at))
                result = result.With(entry.Prices);
        }

        return result;
    }

    private static bool Holds(PriceOverride entry, long promptTokens, DateTimeOffset at)
    {
        if (entry.MinPromptTokens is { } least && promptTokens <= least)
            return false;
        if (entry.UtcStart is not { } start || entry.UtcEnd is not { } end)
            return true;
        var utc = at.UtcDateTime;
        var now = (utc.Hour * 100) + utc.Minute;
        return start <= end ? now >= start && now < end : now >= start || now < end;
    }
}
