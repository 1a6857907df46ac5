using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Pricing;

/// <summary>
/// The cost formula (platform §11.7), in decimals. Price classes are disjoint: uncached prompt = prompt − cache reads − cache writes − audio and
/// image tokens where those are priced apart; output = completion − reasoning, audio and image tokens where those are priced apart. Nothing here
/// rounds; a charge is rounded once, by <see cref="Ledger.Credits.Round"/>.
/// </summary>
public static class CostRules
{
    /// <summary>
    /// What <paramref name="usage"/> costs on these prices. Every token is paid once, in the narrowest class with a price of its own; counts that
    /// contradict each other (more cached than read, negative ones) are cut to fit, so that a cost is never negative and never above
    /// <see cref="RoutingRates.WorstCase"/> of the same tokens.
    /// </summary>
    public static CostBreakdown CostOf(this PriceSheet sheet, in Usage usage, in PricingContext context)
    {
        var prices = sheet.Overrides.Count == 0 ? sheet : Overridden(sheet, context.LargestPrompt ?? usage.PromptTokens, context.At);

        // Where the provider bills other counts than it read, those are all there is to pay: none of its cache is billed apart.
        var unread = Math.Max(0, Math.Min(usage.BilledPromptTokens ?? usage.PromptTokens, usage.PromptTokens));
        var cached = usage.BilledPromptTokens is null ? Take(ref unread, usage.CachedTokens) : 0;
        var written = usage.BilledPromptTokens is null ? Take(ref unread, usage.CacheWriteTokens) : 0;
        var write1h = Math.Clamp(usage.CacheWrite1hTokens, 0, written);
        var write5m = written - write1h;
        // The cached part of audio and images is in the cached tokens: it is not paid a second time as audio or image.
        var cachedAudio = Math.Clamp(usage.CachedAudioTokens, 0, Math.Clamp(usage.AudioPromptTokens, 0, cached));
        var cachedImages = Math.Clamp(usage.CachedImageTokens, 0, Math.Clamp(usage.ImagePromptTokens, 0, cached - cachedAudio));
        var audioIn = prices.Audio is null ? 0 : Take(ref unread, usage.AudioPromptTokens - cachedAudio);
        var imagesIn = prices.ImageToken is null ? 0 : Take(ref unread, usage.ImagePromptTokens - cachedImages);
        var readPrice = prices.InputCacheRead ?? prices.Prompt;
        var writePrice = prices.InputCacheWrite ?? prices.Prompt;
        var write1hPrice = prices.InputCacheWrite1h ?? writePrice;
        // Without a price of its own, a cached token costs what cached text costs; without that, what it would cost uncached.
        var audioReadPrice = prices.InputAudioCache ?? prices.InputCacheRead ?? prices.Audio ?? prices.Prompt;
        var imageReadPrice = prices.InputCacheRead ?? prices.ImageToken ?? prices.Prompt;
        // Images are paid by token where a price and a count of their tokens are there, else by number: not twice.
        var images = prices.ImageToken is not null && usage.ImagePromptTokens > 0 ? 0 : Math.Max(0, context.Images);
        var prompt = (unread * prices.Prompt) + ((cached - cachedAudio - cachedImages) * readPrice) + (cachedAudio * audioReadPrice)
            + (cachedImages * imageReadPrice) + (write5m * writePrice) + (write1h * write1hPrice)
            + (audioIn * (prices.Audio ?? 0)) + (imagesIn * (prices.ImageToken ?? 0)) + (images * prices.Image);

        var unwritten = Math.Max(0, Math.Min(usage.BilledCompletionTokens ?? usage.CompletionTokens, usage.CompletionTokens));
        // Reasoning is part of the output unless it has a price of its own that is not zero.
        var reasoning = prices.InternalReasoning is > 0 ? Take(ref unwritten, usage.ReasoningTokens) : 0;
        var imageOut = prices.ImageOutput is null ? 0 : Take(ref unwritten, usage.ImageCompletionTokens);
        var audioOut = prices.AudioOutput is null ? 0 : Take(ref unwritten, usage.AudioCompletionTokens);
        var completion = (unwritten * prices.Completion) + (reasoning * (prices.InternalReasoning ?? 0))
            + (imageOut * (prices.ImageOutput ?? 0)) + (audioOut * (prices.AudioOutput ?? 0));

        return new CostBreakdown
        {
            PromptCost = prompt,
            CompletionCost = completion,
            RequestCost = (prices.Request * Math.Max(1, context.Turns)) + (Math.Max(0, usage.WebSearchRequests) * (prices.WebSearch ?? 0)),
            CacheDiscount = cached + written == 0
                ? null
                : ((cached - cachedAudio - cachedImages) * (prices.Prompt - readPrice)) + (cachedAudio * ((prices.Audio ?? prices.Prompt) - audioReadPrice))
                    + (cachedImages * ((prices.ImageToken ?? prices.Prompt) - imageReadPrice))
                    + (write5m * (prices.Prompt - writePrice)) + (write1h * (prices.Prompt - write1hPrice)),
        };
    }

    private static long Take(ref long left, long wanted)
    {
        var taken = Math.Clamp(wanted, 0, left);
        left -= taken;
        return taken;
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
