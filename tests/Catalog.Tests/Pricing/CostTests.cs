using System.Text;
using Fairlead.Catalog.Pricing;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Tests.Pricing;

public class CostTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly PricingContext Plain = new() { At = Noon };

    private static PriceSheet Sheet(string json) => PriceSheetJson.Parse(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void PromptAndCompletion_ArePricedPerToken()
    {
        var cost = Sheet("""{"prompt":"0.0000025","completion":"0.00001"}""").CostOf(new Usage { PromptTokens = 1000, CompletionTokens = 200 }, Plain);

        Assert.Equal((0.0025m, 0.002m, 0.0045m), (cost.PromptCost, cost.CompletionCost, cost.Total));
        Assert.Equal(new Credits(4_500_000_000), cost.Charge);
        Assert.Null(cost.CacheDiscount);
    }

    [Fact]
    public void CacheReadsAndWrites_AreTakenOutOfThePromptAndPricedByLifetime()
    {
        // Claude Sonnet 4.5: read 0.1 ×, write 1.25 ×, one hour 2 ×.
        var sheet = Sheet("""{"prompt":"0.000003","completion":"0.000015","input_cache_read":"0.0000003","input_cache_write":"0.00000375","input_cache_write_1h":"0.000006"}""");
        var usage = new Usage { PromptTokens = 20_400, CachedTokens = 20_000, CacheWriteTokens = 300, CacheWrite1hTokens = 100, CompletionTokens = 10 };

        var cost = sheet.CostOf(usage, Plain);

        Assert.Equal((100 * 0.000003m) + (20_000 * 0.0000003m) + (200 * 0.00000375m) + (100 * 0.000006m), cost.PromptCost);
        Assert.Equal((20_000 * 0.0000027m) - (200 * 0.00000075m) - (100 * 0.000003m), cost.CacheDiscount);
    }

    [Fact]
    public void CacheWithoutItsOwnPrice_CostsThePromptPrice()
    {
        var cost = Sheet("""{"prompt":"0.000001","completion":"0"}""").CostOf(new Usage { PromptTokens = 100, CachedTokens = 40, CacheWriteTokens = 10 }, Plain);

        Assert.Equal((0.0001m, 0m), (cost.PromptCost, cost.CacheDiscount));
    }

    [Theory]
    [InlineData("\"0\"", 200)]
    [InlineData(null, 200)]
    [InlineData("\"0.000003\"", 260)]
    public void Reasoning_IsPricedApartOnlyWhenItsPriceIsNotZero(string? price, int expectedMillionths)
    {
        var sheet = Sheet($$"""{"prompt":"0","completion":"0.000002"{{(price is null ? "" : ",\"internal_reasoning\":" + price)}}}""");

        Assert.Equal(expectedMillionths / 1_000_000m, sheet.CostOf(new Usage { CompletionTokens = 100, ReasoningTokens = 60 }, Plain).CompletionCost);
    }

    [Fact]
    public void RequestImagesSearchAudio_AreAddedEachWithItsPrice()
    {
        var sheet = Sheet("""{"prompt":"0.000001","completion":"0.000002","request":"0.005","image":"0.001","web_search":"0.01","audio":"0.00004","audio_output":"0.00008","image_output":"0.00003"}""");
        var usage = new Usage { PromptTokens = 100, AudioPromptTokens = 30, CompletionTokens = 100, AudioCompletionTokens = 20, ImageCompletionTokens = 50, WebSearchRequests = 2 };

        var cost = sheet.CostOf(usage, new() { At = Noon, Images = 3 });

        Assert.Equal((70 * 0.000001m) + (30 * 0.00004m) + 0.003m, cost.PromptCost);
        Assert.Equal((30 * 0.000002m) + (20 * 0.00008m) + (50 * 0.00003m), cost.CompletionCost);
        Assert.Equal(0.005m + 0.02m, cost.RequestCost);
        Assert.Equal(cost.PromptCost + cost.CompletionCost + cost.RequestCost, cost.Total);
    }

    [Fact]
    public void CachedAudio_IsTakenOutOfBothAudioAndCachedText()
    {
        // gemini-3.5-flash: audio twice the text, cached each a tenth. 2,000 read: 1,000 text, 1,000 audio, of which 600 and 300 came from the cache.
        var sheet = Sheet("""{"prompt":"0.0000015","completion":"0","audio":"0.000003","input_cache_read":"0.00000015","input_audio_cache":"0.0000003"}""");
        var usage = new Usage { PromptTokens = 2000, AudioPromptTokens = 1000, CachedTokens = 900, CachedAudioTokens = 300 };

        var cost = sheet.CostOf(usage, Plain);

        Assert.Equal((400 * 0.0000015m) + (700 * 0.000003m) + (600 * 0.00000015m) + (300 * 0.0000003m), cost.PromptCost);
        Assert.Equal((600 * 0.00000135m) + (300 * 0.0000027m), cost.CacheDiscount);
    }

    [Theory]
    [InlineData("\"input_cache_read\":\"0.1\",\"audio\":\"0.5\"", 0.1)]
    [InlineData("\"audio\":\"0.5\"", 0.5)]
    [InlineData("\"input_audio_cache\":\"0.05\",\"input_cache_read\":\"0.1\",\"audio\":\"0.5\"", 0.05)]
    [InlineData("\"request\":\"0\"", 0.2)]
    public void CachedAudioWithoutItsOwnPrice_CostsAsCachedText_ElseAsAudio_ElseAsText(string prices, double perToken)
    {
        var sheet = Sheet($$"""{"prompt":"0.2","completion":"0",{{prices}}}""");

        Assert.Equal(10 * (decimal)perToken, sheet.CostOf(new Usage { PromptTokens = 10, AudioPromptTokens = 10, CachedTokens = 10, CachedAudioTokens = 10 }, Plain).Total);
    }

    [Fact]
    public void CachedImageTokens_ArePaidOnce_AtTheCachedPrice()
    {
        // Counted as cached and as image at once, a bill came out 72 % too high elsewhere.
        var sheet = Sheet("""{"prompt":"0.000002","completion":"0","image_token":"0.000004","image":"0.01","input_cache_read":"0.0000002"}""");
        var usage = new Usage { PromptTokens = 1500, ImagePromptTokens = 1000, CachedTokens = 900, CachedImageTokens = 800 };

        var cost = sheet.CostOf(usage, new() { At = Noon, Images = 1 });

        Assert.Equal((400 * 0.000002m) + (200 * 0.000004m) + (900 * 0.0000002m), cost.PromptCost);
    }

    [Fact]
    public void Images_ArePaidByNumber_WhereTheirTokensAreNotCounted()
    {
        var sheet = Sheet("""{"prompt":"0.000002","completion":"0","image_token":"0.000004","image":"0.01"}""");

        Assert.Equal(0.002m + 0.03m, sheet.CostOf(new Usage { PromptTokens = 1000 }, new() { At = Noon, Images = 3 }).Total);
    }

    [Fact]
    public void CacheWritesDearerThanThePrompt_NeverMakeTheRestNegative()
    {
        // More written than read is a contradiction: the whole prompt is a write then, and nothing is left to subtract.
        var sheet = Sheet("""{"prompt":"0.000003","completion":"0","input_cache_read":"0.0000003","input_cache_write":"0.00000375"}""");

        var cost = sheet.CostOf(new Usage { PromptTokens = 100, CacheWriteTokens = 500, CachedTokens = -40 }, Plain);

        Assert.Equal((100 * 0.00000375m, -100 * 0.00000075m), (cost.Total, cost.CacheDiscount));
    }

    [Fact]
    public void CachedReads_AreNeverPaidAtFullPrice_AndNeverAddedOnTop()
    {
        // 20,400 read of which 20,000 cached: a bill of (20,400 + 20,000) tokens, or of 20,400 full ones, is wrong by 90 %.
        var sheet = Sheet("""{"prompt":"0.000003","completion":"0.000015","input_cache_read":"0.0000003"}""");

        Assert.Equal(0.0072m, sheet.CostOf(new Usage { PromptTokens = 20_400, CachedTokens = 20_000 }, Plain).Total);
    }

    [Theory]
    [InlineData(200_000, "0.000002")]
    [InlineData(200_001, "0.000004")]
    public void LongPrompt_IsDearerOnlyAboveTheThreshold(long tokens, string price)
    {
        var sheet = Sheet("""{"prompt":"0.000002","completion":"0.000012","overrides":[{"min_prompt_tokens":200000,"prompt":"0.000004"}]}""");

        var cost = sheet.CostOf(new Usage { PromptTokens = tokens, CompletionTokens = 1 }, Plain);

        Assert.Equal((tokens * decimal.Parse(price), 0.000012m), (cost.PromptCost, cost.CompletionCost));
    }

    [Theory]
    [InlineData(16, 29, 1)]
    [InlineData(16, 30, 2)]
    [InlineData(23, 59, 2)]
    [InlineData(0, 0, 2)]
    [InlineData(0, 29, 2)]
    [InlineData(0, 30, 1)]
    public void TimeWindow_IsHalfOpenAndWrapsAroundMidnight(int hour, int minute, int expected)
    {
        var sheet = Sheet("""{"prompt":"1","completion":"0","overrides":[{"utc_start":1630,"utc_end":30,"prompt":"0.5"},{"utc_start":1630,"utc_end":30,"prompt":"0.2"}]}""");
        var local = new DateTimeOffset(2026, 1, 1, hour, minute, 0, TimeSpan.Zero).ToOffset(TimeSpan.FromHours(9));

        Assert.Equal(expected == 1 ? 1m : 0.2m, sheet.CostOf(new Usage { PromptTokens = 1 }, new() { At = local }).Total);
    }

    [Fact]
    public void RoutingPrice_WeighsPromptThreeToOne() =>
        Assert.Equal((((3L * 1_000_000_000_000) + 5_000_000_000_000) / 4) + 2_000_000_000_000, RoutingRates.Of(Sheet("""{"prompt":"0.000001","completion":"0.000005","request":"0.002"}""")).Price);

    [Fact]
    public void WorstCase_TakesTheDearestClassAndOverride()
    {
        var sheet = Sheet("""{"prompt":"0.000002","completion":"0.00001","input_cache_write":"0.0000025","internal_reasoning":"0.00002","request":"0.001","overrides":[{"min_prompt_tokens":9,"completion":"0.00005"}]}""");

        Assert.Equal((100 * 0.0000025m) + (10 * 0.00005m) + 0.001m, RoutingRates.Of(sheet).WorstCase(100, 10, 0).Dollars);
        Assert.Equal(0.00005m, RoutingRates.Of(sheet).WorstCompletion(1).Dollars);
    }

    [Fact]
    public void FinerThanMoney_HoldsAreRoundedUp_AndAbsurdPricesDoNotOverflow()
    {
        var fine = RoutingRates.Of(Sheet("""{"prompt":"0.0000000000001","completion":"0.0000000000001"}"""));
        Assert.Equal((1, 0), (fine.WorstCase(1, 0, 0).PicoDollars, fine.Estimate(1, 0, 0, 0).PicoDollars));
        Assert.Equal(10, fine.Affordable(new Credits(1)));

        var absurd = RoutingRates.Of(new PriceSheet { Prompt = 1_000_000_000m, Completion = 1_000_000m });
        Assert.Equal(long.MaxValue, absurd.WorstCase(int.MaxValue, int.MaxValue, 0).PicoDollars);
    }
}
