using System.Data.Common;
using System.Text;
using Dapper;
using Fairlead.Ledger;
using Fairlead.Ledger.Verification;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Catalog.Pricing.Recomputation;

/// <summary>
/// Computes every charge again from the usage and the prices stored with it, by the formula that charged it. Records of versions before the ledger's fourth schema
/// step lack some counts and are passed over.
/// </summary>
internal sealed class ChargeRecomputation : ILedgerCheck
{
    /// <inheritdoc/>
    public string Name => "cost";

    /// <inheritdoc/>
    public string Claim => "every charge is its stored usage at its stored prices";

    /// <inheritdoc/>
    public void Run(DbConnection connection, Findings findings)
    {
        // First: a connection to PostgreSQL reads one result at a time. Sheets are made when a charge asks for them.
        var texts = connection.Query<(long Id, string Body)>("SELECT id, body FROM price_snapshots").ToDictionary(static price => price.Id, static price => price.Body);
        var sheets = new Dictionary<long, PriceSheet?>();
        foreach (var row in connection.Query<ChargedRow>(ChargedRow.Sql, buffered: false, commandTimeout: 0))
        {
            findings.Looked++;
            if (Check(row, id => Sheet(id, texts, sheets)) is { } offence)
                findings.Add($"{row.Id} {offence}");
        }
    }

    /// <summary>What is wrong with a charge; null when nothing is.</summary>
    private static string? Check(ChargedRow row, Func<long, PriceSheet?> sheetOf)
    {
        if (row.PriceId is not { } priceId)
            return row.Due == 0 && row.UpstreamCost == 0 ? null : "was charged without prices";
        if (sheetOf(priceId) is not { } sheet)
            return $"was charged by prices {priceId}, which are missing or cannot be read";
        var usage = row.Usage;
        var context = new PricingContext { At = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs) };
        if (!UsageDetail.TryRead(row.UsageDetail, ref usage, ref context, out var feePpm, out var plugins))
            return $"has usage that cannot be read ({row.UsageDetail})";
        usage = usage with { WebSearchRequests = usage.WebSearchRequests - PluginFee.Results(plugins) };
        try
        {
            var cost = sheet.CostOf(usage, context);
            var list = cost.Charge.PicoDollars;
            // An answer that broke or has nothing in it costs its caller nothing (docs/ledger.md), and its provider's price is recorded all the same.
            var paysNothing = row.FinishReason is "error" || (row.FinishReason is null && usage.CompletionTokens == 0);
            var due = paysNothing ? 0 : (row.IsByok != 0 ? Credits.Round(ByokFees.Fee(cost.Total, feePpm)).PicoDollars : list) + PluginFee.Sum(plugins).PicoDollars;
            var discount = cost.CacheDiscount is { } saved ? Credits.Round(saved).PicoDollars : (long?)null;
            return list != row.UpstreamCost ? $"has a list price of {row.UpstreamCost}, recomputed {list}"
                : due != row.Due ? $"was charged {row.Due}, recomputed {due}"
                : discount != row.CacheDiscount ? $"has a cache discount of {row.CacheDiscount?.ToString() ?? "none"}, recomputed {discount?.ToString() ?? "none"}"
                : null;
        }
        catch (OverflowException)
        {
            return "has usage whose cost is past any amount";
        }
    }

    private static PriceSheet? Sheet(long id, Dictionary<long, string> texts, Dictionary<long, PriceSheet?> sheets)
    {
        if (!sheets.TryGetValue(id, out var sheet))
        {
            try
            {
                sheet = texts.TryGetValue(id, out var body) ? PriceSheetJson.Parse(Encoding.UTF8.GetBytes(body)) : null;
            }
            catch (FormatException)
            {
                sheet = null;
            }

            sheets[id] = sheet;
        }

        return sheet;
    }

    private sealed class ChargedRow
    {
        public const string Sql =
            """
            SELECT id AS Id, price_id AS PriceId, is_byok AS IsByok, finish_reason AS FinishReason, created_at_ms AS CreatedAtMs, cost AS Cost,
                overrun AS Overrun, upstream_cost AS UpstreamCost, cache_discount AS CacheDiscount, native_tokens_prompt AS Prompt,
                native_tokens_completion AS Completion, native_tokens_reasoning AS Reasoning, native_tokens_cached AS Cached,
                native_tokens_completion_images AS ImagesOut, search_results AS Searches, usage_detail AS UsageDetail
            FROM generations WHERE usage_detail IS NOT NULL
            """;

        public string Id { get; init; } = "";
        public long? PriceId { get; init; }
        public long IsByok { get; init; }
        public string? FinishReason { get; init; }
        public long CreatedAtMs { get; init; }
        public long Cost { get; init; }
        public long Overrun { get; init; }
        public long UpstreamCost { get; init; }
        public long? CacheDiscount { get; init; }
        public long Prompt { get; init; }
        public long Completion { get; init; }
        public long Reasoning { get; init; }
        public long Cached { get; init; }
        public long ImagesOut { get; init; }
        public long Searches { get; init; }
        public string UsageDetail { get; init; } = "";

        /// <summary>What the usage came to: the caller's part and what the operator bore because credits ended.</summary>
        public Int128 Due => (Int128)Cost + Overrun;

        public Usage Usage => new()
        {
            PromptTokens = Prompt, CompletionTokens = Completion, ReasoningTokens = Reasoning, CachedTokens = Cached, ImageCompletionTokens = ImagesOut,
            WebSearchRequests = Searches,
        };
    }
}
