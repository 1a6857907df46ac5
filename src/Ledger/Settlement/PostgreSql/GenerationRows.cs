using Fairlead.Ledger.Generations;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>A batch's rows of <c>generations</c>, a column each; the columns are listed once, with where their values come from.</summary>
internal sealed class GenerationRows
{
    private readonly List<string> _names = [];
    private readonly List<Action<PendingSettlement>> _add = [];
    private readonly ArrayRows.NumberColumn _posting;
    private readonly ArrayRows.NumberColumn _price;

    public GenerationRows()
    {
        Number("month", static s => GenerationMonth.Of(s.Generation.Id));
        Text("id", static s => s.Generation.Id);
        _posting = Column("posting_id");
        _price = Column("price_id");
        Number("account_id", static s => s.Generation.AccountId);
        Number("key_id", static s => s.Generation.KeyId);
        Number("cost", static s => s.Charged);
        Number("overrun", static s => s.Overrun);
        Number("upstream_cost", static s => s.Generation.UpstreamCost.PicoDollars);
        Number("cache_discount", static s => s.Generation.CacheDiscount?.PicoDollars);
        Number("settled_at_ms", static s => s.SettledAtMs);
        Number("settled_day", static s => s.Day);
        Number("created_at_ms", static s => s.Generation.CreatedAtMs);
        Text("model", static s => s.Generation.Model);
        Text("model_permaslug", static s => s.Generation.ModelPermaslug);
        Text("endpoint_id", static s => s.Generation.EndpointId);
        Text("provider_name", static s => s.Generation.ProviderName);
        Text("upstream_id", static s => s.Generation.UpstreamId);
        Text("api_type", static s => s.Generation.ApiType);
        Text("origin", static s => s.Generation.Origin);
        Text("app_title", static s => s.Generation.AppTitle);
        Text("external_user", static s => s.Generation.ExternalUser);
        Text("session_id", static s => s.Generation.SessionId);
        Text("preset_id", static s => s.Generation.PresetId);
        Text("response_cache_source_id", static s => s.Generation.ResponseCacheSourceId);
        Number("catalog_version", static s => s.Generation.CatalogVersion);
        Number("streamed", static s => s.Generation.Streamed ? 1 : 0);
        Number("cancelled", static s => s.Generation.Cancelled ? 1 : 0);
        Number("is_byok", static s => s.Generation.IsByok ? 1 : 0);
        Number("usage_estimated", static s => s.Generation.UsageEstimated ? 1 : 0);
        Text("finish_reason", static s => s.Generation.FinishReason);
        Text("native_finish_reason", static s => s.Generation.NativeFinishReason);
        Number("latency_ms", static s => s.Generation.LatencyMs);
        Number("generation_ms", static s => s.Generation.GenerationMs);
        Number("tokens_prompt", static s => s.Generation.TokensPrompt);
        Number("tokens_completion", static s => s.Generation.TokensCompletion);
        Number("native_tokens_prompt", static s => s.Generation.NativeTokensPrompt);
        Number("native_tokens_completion", static s => s.Generation.NativeTokensCompletion);
        Number("native_tokens_reasoning", static s => s.Generation.NativeTokensReasoning);
        Number("native_tokens_cached", static s => s.Generation.NativeTokensCached);
        Number("native_tokens_completion_images", static s => s.Generation.NativeTokensCompletionImages);
        Number("media_prompt", static s => s.Generation.MediaPrompt);
        Number("input_audio_prompt", static s => s.Generation.InputAudioPrompt);
        Number("media_completion", static s => s.Generation.MediaCompletion);
        Number("search_results", static s => s.Generation.SearchResults);
        Text("usage_detail", static s => s.Generation.UsageDetail);
        Text("provider_responses", static s => s.Generation.ProviderResponses);
        Text("route_decision", static s => s.Generation.RouteDecision);
    }

    public ArrayRows Rows { get; } = new();

    /// <summary>Writes every row whose id is new, and returns those ids.</summary>
    public string Insert => $"INSERT INTO generations ({string.Join(", ", _names)}) SELECT * FROM {Rows.Source("g")} ON CONFLICT DO NOTHING RETURNING id";

    /// <summary>
    /// Puts rows in the place of records that only say that their request was not known to end, and returns their ids. Such a record counted as a request of
    /// its hour; what takes its place counts in its own.
    /// </summary>
    public string Replace =>
        $"""
        WITH old AS (
            SELECT month, id, account_id, settled_at_ms / 3600000 AS hour, key_id, model FROM generations
            WHERE recovered = 1 AND (month, id) IN (SELECT c1, c2 FROM {Rows.Source("s")}) FOR UPDATE),
        uncounted AS (
            UPDATE activity_hourly a SET requests = a.requests - o.requests
            FROM (SELECT account_id, hour, key_id, model, COUNT(*) AS requests FROM old GROUP BY account_id, hour, key_id, model) o
            WHERE a.account_id = o.account_id AND a.hour = o.hour AND a.key_id = o.key_id AND a.model_permaslug = o.model AND a.endpoint_id = ''
                AND a.model = o.model AND a.provider_name = '')
        UPDATE generations g SET {string.Join(", ", _names.Select(static (name, i) => $"{name} = t.c{i + 1}"))}, recovered = 0
        FROM {Rows.Source("t")} JOIN old ON old.month = t.c1 AND old.id = t.c2 WHERE g.month = t.c1 AND g.id = t.c2 RETURNING g.id
        """;

    /// <summary>Adds a row.</summary>
    /// <param name="settlement">The generation and its charge.</param>
    /// <param name="posting">The posting of the batch; null when nothing of it moves money.</param>
    /// <param name="price">The row of its prices; null when it has none.</param>
    public void Add(PendingSettlement settlement, long? posting, long? price)
    {
        _posting.Add(posting);
        _price.Add(price);
        foreach (var add in _add)
        {
            add(settlement);
        }
    }

    private ArrayRows.NumberColumn Column(string name)
    {
        _names.Add(name);
        return Rows.Number();
    }

    private void Number(string name, Func<PendingSettlement, long?> value)
    {
        var column = Column(name);
        _add.Add(settlement => column.Add(value(settlement)));
    }

    private void Text(string name, Func<PendingSettlement, string?> value)
    {
        _names.Add(name);
        var column = Rows.Text();
        _add.Add(settlement => column.Add(value(settlement)));
    }
}
