using System.Text;
using Fairlead.Catalog.Pricing;
using Fairlead.Protocols.Canonical;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Catalog.Tests.Pricing;

public class CostProperties
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // Sixteen decimals, as the finest prices that were seen; mostly the usual six or seven.
    private static readonly Gen<decimal> Price = Gen.Choose(0, 2_000_000).Select(n => n / 10_000_000_000_000_000m * 1_000_000m)
        .Or(Gen.Choose(0, int.MaxValue).Select(n => n / 10_000_000_000_000_000m));

    private static readonly Gen<decimal?> Maybe = Gen.OneOf(Gen.Constant((decimal?)null), Price.Select(p => (decimal?)p));

    private static readonly Gen<PriceSheet> Sheets =
        from required in Price.Two()
        from maybe in Maybe.ArrayOf(10)
        from perUnit in Price.Two()
        select new PriceSheet
        {
            Prompt = required.Item1,
            Completion = required.Item2,
            Request = perUnit.Item1,
            Image = perUnit.Item2,
            InternalReasoning = maybe[0],
            InputCacheRead = maybe[1],
            InputCacheWrite = maybe[2],
            InputCacheWrite1h = maybe[3],
            Audio = maybe[4],
            AudioOutput = maybe[5],
            ImageOutput = maybe[6],
            WebSearch = maybe[7],
            ImageToken = maybe[8],
            InputAudioCache = maybe[9],
        };

    private static readonly Gen<PriceSheet> Conditional =
        from sheet in Sheets
        from threshold in Gen.Choose(0, 300_000)
        from start in Gen.Choose(0, 23)
        from end in Gen.Choose(0, 24)
        from prices in Price.Three()
        from media in Maybe.Two()
        select sheet with
        {
            Overrides =
            [
                new() { MinPromptTokens = threshold, Prices = new Dictionary<string, decimal> { ["prompt"] = prices.Item1, ["input_cache_read"] = prices.Item2 } },
                new() { MinPromptTokens = threshold / 2, Prices = Only(("image_token", media.Item1), ("input_audio_cache", media.Item2)) },
                new() { UtcStart = start * 100, UtcEnd = end * 100, Prices = new Dictionary<string, decimal> { ["completion"] = prices.Item3 } },
            ],
        };

    // Counts as providers report them: parts may contradict the whole, or be negative.
    private static readonly Gen<Usage> AnyUsage =
        from n in Gen.Choose(-50, 400_000).ArrayOf(13)
        select new Usage
        {
            PromptTokens = n[0], CompletionTokens = n[1], CachedTokens = n[2], CacheWriteTokens = n[3], CacheWrite1hTokens = n[4],
            ReasoningTokens = n[5], AudioPromptTokens = n[6], AudioCompletionTokens = n[7], ImageCompletionTokens = n[8], WebSearchRequests = n[9] % 5,
            CachedAudioTokens = n[10], ImagePromptTokens = n[11], CachedImageTokens = n[12],
        };

    // Counts whose parts are disjoint and within the whole.
    private static readonly Gen<Usage> SoundUsage =
        from n in Gen.Choose(0, 100_000).ArrayOf(13)
        select new Usage
        {
            CachedAudioTokens = n[10], CachedImageTokens = n[11], CachedTokens = n[0] + n[10] + n[11],
            CacheWrite1hTokens = n[1], CacheWriteTokens = n[1] + n[2], AudioPromptTokens = n[3] + n[10], ImagePromptTokens = n[12] + n[11],
            PromptTokens = n[0] + n[1] + n[2] + n[3] + n[4] + n[10] + n[11] + n[12],
            ReasoningTokens = n[5], AudioCompletionTokens = n[6], ImageCompletionTokens = n[7], CompletionTokens = n[5] + n[6] + n[7] + n[8], WebSearchRequests = n[9] % 5,
        };

    private static readonly Gen<PricingContext> Contexts =
        from minutes in Gen.Choose(0, 1439)
        from images in Gen.Choose(0, 20)
        select new PricingContext { At = Epoch.AddMinutes(minutes), Images = images };

    [Fact]
    public void CostIsNeverNegative_WhateverTheProviderReports() => Check(Conditional, AnyUsage, Contexts, (sheet, usage, context) =>
        sheet.CostOf(usage, context).Total >= 0 && sheet.CostOf(usage, context).Charge.PicoDollars >= 0);

    [Fact]
    public void CostNeverExceedsTheWorstCase_WhateverTheProviderReports() => Check(Conditional, AnyUsage, Contexts, (sheet, usage, context) =>
        sheet.CostOf(usage, context).Total <= RoutingRates.Of(sheet).WorstCase(usage.PromptTokens, usage.CompletionTokens, context.Images).Dollars
            + (Math.Max(0, usage.WebSearchRequests) * (sheet.WebSearch ?? 0)));

    [Fact]
    public void EstimateIsTheCost_AtPlainPrices() => Check(Sheets, SoundUsage, Contexts, (sheet, usage, context) =>
    {
        var plain = new Usage { PromptTokens = usage.PromptTokens, CompletionTokens = usage.CompletionTokens, CachedTokens = usage.CachedTokens };
        return RoutingRates.Of(sheet with { Overrides = [] }).Estimate(plain.PromptTokens, plain.CachedTokens, plain.CompletionTokens, 0)
            == (sheet with { Overrides = [] }).CostOf(plain, context with { Images = 0 }).Charge;
    });

    [Fact]
    public void CostIsAdditive_WithoutConditionsAndFees() => Check(Sheets.Select(s => s with { Request = 0, Image = 0 }), SoundUsage.Two(), Contexts, (sheet, pair, context) =>
        sheet.CostOf(pair.Item1, context).Total + sheet.CostOf(pair.Item2, context with { Images = 0 }).Total
            == sheet.CostOf(Sum(pair.Item1, pair.Item2), context).Total);

    [Fact]
    public void EveryTokenIsPaidOnce_AtEqualPrices() => Check(Price, SoundUsage, Contexts, (price, usage, context) =>
    {
        var sheet = new PriceSheet { Prompt = price, Completion = price, InternalReasoning = price, InputCacheRead = price, InputCacheWrite = price, Audio = price, AudioOutput = price, ImageOutput = price, ImageToken = price, InputAudioCache = price };
        return sheet.CostOf(usage, context).Total == usage.TotalTokens * price;
    });

    [Fact]
    public void Sheets_SurviveTheirJson() => Check(Conditional, AnyUsage, Contexts, (sheet, usage, context) =>
    {
        var text = sheet.ToJson();
        var read = PriceSheetJson.Parse(Encoding.UTF8.GetBytes(text));
        return read.ToJson() == text && read.CostOf(usage, context) == sheet.CostOf(usage, context) && !text.Contains("E-", StringComparison.Ordinal);
    });

    private static Dictionary<string, decimal> Only(params (string Name, decimal? Price)[] prices) =>
        prices.Where(entry => entry.Price is not null).ToDictionary(entry => entry.Name, entry => entry.Price!.Value, StringComparer.Ordinal);

    private static Usage Sum(Usage a, Usage b) => new()
    {
        PromptTokens = a.PromptTokens + b.PromptTokens,
        CompletionTokens = a.CompletionTokens + b.CompletionTokens,
        CachedTokens = a.CachedTokens + b.CachedTokens,
        CacheWriteTokens = a.CacheWriteTokens + b.CacheWriteTokens,
        CacheWrite1hTokens = a.CacheWrite1hTokens + b.CacheWrite1hTokens,
        ReasoningTokens = a.ReasoningTokens + b.ReasoningTokens,
        AudioPromptTokens = a.AudioPromptTokens + b.AudioPromptTokens,
        AudioCompletionTokens = a.AudioCompletionTokens + b.AudioCompletionTokens,
        ImageCompletionTokens = a.ImageCompletionTokens + b.ImageCompletionTokens,
        CachedAudioTokens = a.CachedAudioTokens + b.CachedAudioTokens,
        ImagePromptTokens = a.ImagePromptTokens + b.ImagePromptTokens,
        CachedImageTokens = a.CachedImageTokens + b.CachedImageTokens,
        WebSearchRequests = a.WebSearchRequests + b.WebSearchRequests,
    };

    private static void Check<TA, TB, TC>(Gen<TA> a, Gen<TB> b, Gen<TC> c, Func<TA, TB, TC, bool> holds) => Prop
        .ForAll(a.ToArbitrary(), b.ToArbitrary(), c.ToArbitrary(), holds)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
