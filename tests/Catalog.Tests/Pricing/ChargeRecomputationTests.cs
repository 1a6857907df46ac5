using Dapper;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Pricing.Recomputation;
using Fairlead.Ledger;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Verification;
using Fairlead.Protocols.Canonical;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Catalog.Tests.Pricing;

/// <summary>Whatever was charged can be computed again from the database alone, and what was altered since is named.</summary>
public abstract class ChargeRecomputationTests(DatabaseEngine engine) : IAsyncLifetime, IDisposable
{
    private const int Charges = 300;
    private static readonly string[] Priced =
    [
        "prompt", "completion", "request", "image", "image_token", "image_output", "web_search", "internal_reasoning", "input_cache_read",
        "input_cache_write", "input_cache_write_1h", "audio", "audio_output", "input_audio_cache",
    ];

    private readonly TestDatabase files = new(engine);
    private ServiceProvider services = null!;

    private CreditLedger Ledger => services.GetRequiredService<CreditLedger>();

    public async Task InitializeAsync()
    {
        services = new ServiceCollection().AddLogging().AddStorage(files.Address).AddLedger(static () => new NodeId("firstnode0000001")).AddChargeRecomputation().BuildServiceProvider();
        await Ledger.StartAsync(default);
        await Ledger.PostAsync(new() { AccountId = 1, Kind = PostingKind.Grant, Amount = Credits.Exact(1_000_000m), IdempotencyKey = "g", Actor = "test" });
    }

    [Fact]
    public async Task ChargesOfEveryPriceAndCount_AreRecomputedToTheLastDigit()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < Charges; i++)
            await ChargeAsync(random, $"gen-{i}");

        var result = Check();

        Assert.True(result.Holds, $"seed {seed}: {result}");
        Assert.Equal(Charges, result.Looked);
    }

    [Theory]
    [InlineData("native_tokens_prompt = native_tokens_prompt + 1")]
    [InlineData("native_tokens_completion = native_tokens_completion - 1")]
    [InlineData("native_tokens_cached = 0")]
    [InlineData("search_results = 5")]
    [InlineData("usage_detail = ''")]
    [InlineData("usage_detail = 'audio=1'")]
    [InlineData("usage_detail = 'nonsense'")]
    [InlineData("is_byok = 1")]
    [InlineData("finish_reason = 'error'")]
    [InlineData("cache_discount = 0")]
    [InlineData("price_id = NULL")]
    [InlineData("price_id = 999")]
    [InlineData("cost = cost - 1")]
    [InlineData("upstream_cost = upstream_cost + 1")]
    public async Task AlteredCharge_IsNamed(string change)
    {
        await ChargePlainAsync("gen-first");
        await ChargePlainAsync("gen-altered");
        Assert.True(Check().Holds);
        using var connection = files.Connect();
        // A hand that edits the database also removes what would stop it.
        connection.Execute(engine is DatabaseEngine.PostgreSql ? "DROP TRIGGER generations_no_recharge ON generations" : "DROP TRIGGER generations_no_recharge");

        connection.Execute($"UPDATE generations SET {change} WHERE id = 'gen-altered'");

        var result = Check();
        Assert.Contains("gen-altered", result.Broken, StringComparison.Ordinal);
        Assert.DoesNotContain("gen-first", result.Broken, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PricesOfCharges_CannotBeChanged_AndAHandThatDoesIsFound()
    {
        await ChargePlainAsync("gen-first");
        using var connection = files.Connect();
        const string Cheaper = """UPDATE price_snapshots SET body = '{"prompt":"0.000000001","completion":"0","discount":0}'""";

        Assert.ThrowsAny<System.Data.Common.DbException>(() => connection.Execute(Cheaper));
        connection.Execute(engine is DatabaseEngine.PostgreSql ? "DROP TRIGGER price_snapshots_no_update ON price_snapshots" : "DROP TRIGGER price_snapshots_no_update");
        connection.Execute(Cheaper);

        Assert.Contains("gen-first has a list price of", Check().Broken, StringComparison.Ordinal);
        Assert.Contains("price_snapshots_no_update", services.GetRequiredService<LedgerVerifier>().Run().Single(static check => check.Name is "M3").Broken, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SamePrices_AreStoredOnce()
    {
        for (var i = 0; i < 20; i++)
            await ChargePlainAsync($"gen-{i}");

        using var connection = files.Connect();
        Assert.Equal(1, connection.ExecuteScalar<long>("SELECT COUNT(*) FROM price_snapshots"));
    }

    public async Task DisposeAsync()
    {
        await Ledger.StopAsync(default);
        await services.DisposeAsync();
    }

    public void Dispose()
    {
        files.Dispose();
        GC.SuppressFinalize(this);
    }

    private CheckResult Check() => services.GetRequiredService<LedgerVerifier>().Run().Single(static check => check.Name is "cost");

    private Task ChargePlainAsync(string id) => ChargeAsync(
        id,
        PriceSheet.FromPrices(new Dictionary<string, decimal> { ["prompt"] = 0.000001m, ["completion"] = 0.000002m, ["input_cache_read"] = 0.0000001m, ["input_cache_write"] = 0.00000125m, ["web_search"] = 0.01m }),
        new() { PromptTokens = 1000, CompletionTokens = 50, CachedTokens = 300, CacheWriteTokens = 200 },
        new PricingContext { At = DateTimeOffset.UnixEpoch }, feePpm: null, "stop", []);

    private Task ChargeAsync(Random random, string id)
    {
        var prices = Priced.Where(_ => random.Next(3) > 0).ToDictionary(static name => name, _ => random.Next(1, 1_000_000) / 1_000_000_000_000m);
        var sheet = PriceSheet.FromPrices(prices) with
        {
            Overrides = random.Next(3) > 0 ? [] : [new PriceOverride { MinPromptTokens = 500, UtcStart = random.Next(2) == 0 ? 2200 : null, UtcEnd = 600, Prices = new Dictionary<string, decimal> { ["prompt"] = 0.000003m } }],
        };
        sheet = sheet with { Overrides = [.. sheet.Overrides.Select(static entry => entry.UtcStart is null ? entry with { UtcEnd = null } : entry)] };
        long Count() => random.Next(4) == 0 ? 0 : random.Next(0, 2000);
        var usage = new Usage
        {
            PromptTokens = Count(), CompletionTokens = Count(), CachedTokens = Count(), CacheWriteTokens = Count(), CacheWrite1hTokens = Count(), ReasoningTokens = Count(),
            AudioPromptTokens = Count(), CachedAudioTokens = Count(), ImagePromptTokens = Count(), CachedImageTokens = Count(), AudioCompletionTokens = Count(),
            ImageCompletionTokens = Count(), WebSearchRequests = random.Next(3),
            BilledPromptTokens = random.Next(4) == 0 ? Count() : null, BilledCompletionTokens = random.Next(4) == 0 ? Count() : null,
        };
        var at = DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(1_700_000_000_000, 1_800_000_000_000));
        string?[] finishes = ["stop", "length", "error", null];
        return ChargeAsync(id, sheet, usage, new PricingContext { Images = random.Next(3), At = at, Turns = random.Next(3), LargestPrompt = random.Next(2) == 0 ? null : random.Next(2000) }, random.Next(4) == 0 ? random.Next(0, 100_000) : null, finishes[random.Next(4)],
            random.Next(3) > 0 ? [] : [new PluginFee("web", random.Next(10), new Credits(random.Next(1_000_000))), new PluginFee("file-parser", 3, new Credits(random.Next(1_000_000)))]);
    }

    /// <summary>As Settle does it: the formula, the table of who pays, one rounding.</summary>
    private async Task ChargeAsync(string id, PriceSheet sheet, Usage usage, PricingContext context, int? feePpm, string? finish, IReadOnlyList<PluginFee> plugins)
    {
        var cost = sheet.CostOf(usage, context);
        var fees = PluginFee.Sum(plugins);
        var free = finish is "error" || (finish is null && usage.CompletionTokens == 0);
        var hold = await Ledger.TryHoldAsync(new() { GenerationId = id, AccountId = 1, KeyId = 1, KeyLimit = null, Amount = Credits.Exact(10m), Model = "m" });
        await Ledger.SettleAsync(hold.Hold!, new Generation
        {
            Id = id, AccountId = 1, KeyId = 1, CreatedAtMs = context.At.ToUnixTimeMilliseconds(), Model = "m", ModelPermaslug = "m",
            Cost = free ? Credits.Zero : Credits.Round(feePpm is { } ppm ? ByokFees.Fee(cost.Total, ppm) : cost.Total) + fees, UpstreamCost = cost.Charge,
            CacheDiscount = cost.CacheDiscount is { } discount ? Credits.Round(discount) : null, PriceSnapshot = sheet.ToJson(), IsByok = feePpm is not null, FinishReason = finish,
            NativeTokensPrompt = usage.PromptTokens, NativeTokensCompletion = usage.CompletionTokens, NativeTokensReasoning = usage.ReasoningTokens,
            NativeTokensCached = usage.CachedTokens, NativeTokensCompletionImages = usage.ImageCompletionTokens, SearchResults = (int)(usage.WebSearchRequests + PluginFee.Results(plugins)),
            UsageDetail = UsageDetail.Write(usage, context, feePpm ?? 0, plugins),
        });
    }
}

public sealed class ChargeRecomputationTestsOnSqlite() : ChargeRecomputationTests(DatabaseEngine.Sqlite);

public sealed class ChargeRecomputationTestsOnPostgreSql() : ChargeRecomputationTests(DatabaseEngine.PostgreSql);
