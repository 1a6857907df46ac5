using Fairlead.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fairlead.Ledger.Settlement;

/// <summary>Writes generations on SQLite, and once each the prices they were computed from.</summary>
internal sealed class GenerationStatement : IDisposable
{
    /// <summary>More texts of prices than a catalog has endpoints: enough to ask the database once for each.</summary>
    private const int PricesKept = 4096;

    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _findPrice;
    private readonly SqliteStatement _price;
    private readonly Dictionary<string, long> _prices = [];

    public GenerationStatement(SqliteConnection connection)
    {
        _insert = new(
            connection,
            """
            INSERT INTO generations (
                id, account_id, key_id, posting_id, cost, overrun, upstream_cost, cache_discount, settled_at_ms, settled_day, created_at_ms,
                model, model_permaslug, endpoint_id, provider_name, upstream_id, api_type, origin, app_title, external_user, session_id,
                catalog_version, price_id, streamed, cancelled, is_byok, usage_estimated, finish_reason, native_finish_reason, latency_ms, generation_ms,
                tokens_prompt, tokens_completion, native_tokens_prompt, native_tokens_completion, native_tokens_reasoning, native_tokens_cached,
                native_tokens_completion_images, media_prompt, input_audio_prompt, media_completion, search_results, provider_responses, route_decision,
                usage_detail, preset_id, response_cache_source_id)
            VALUES (
                ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30,
                ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45, ?46, ?47)
            ON CONFLICT (id) DO NOTHING
            """,
            "recording a generation");
        _findPrice = new(connection, "SELECT id FROM price_snapshots WHERE body = ?1", "reading prices");
        _price = new(connection, "INSERT INTO price_snapshots (body) VALUES (?1) RETURNING id", "writing prices");
    }

    /// <returns>False when the generation was there already; nothing is changed then.</returns>
    public bool Insert(PendingSettlement settlement, long posting)
    {
        var generation = settlement.Generation;
        var row = _insert;
        row.Bind(1, generation.Id);
        row.Bind(2, generation.AccountId);
        row.Bind(3, generation.KeyId);
        row.Bind(4, settlement.MovesMoney ? posting : (long?)null);
        row.Bind(5, settlement.Charged);
        row.Bind(6, settlement.Overrun);
        row.Bind(7, generation.UpstreamCost.PicoDollars);
        row.Bind(8, generation.CacheDiscount?.PicoDollars);
        row.Bind(9, settlement.SettledAtMs);
        row.Bind(10, settlement.Day);
        row.Bind(11, generation.CreatedAtMs);
        row.Bind(12, generation.Model);
        row.Bind(13, generation.ModelPermaslug);
        row.Bind(14, generation.EndpointId);
        row.Bind(15, generation.ProviderName);
        row.Bind(16, generation.UpstreamId);
        row.Bind(17, generation.ApiType);
        row.Bind(18, generation.Origin);
        row.Bind(19, generation.AppTitle);
        row.Bind(20, generation.ExternalUser);
        row.Bind(21, generation.SessionId);
        row.Bind(22, generation.CatalogVersion);
        row.Bind(23, PriceId(generation.PriceSnapshot));
        row.Bind(24, generation.Streamed ? 1 : 0);
        row.Bind(25, generation.Cancelled ? 1 : 0);
        row.Bind(26, generation.IsByok ? 1 : 0);
        row.Bind(27, generation.UsageEstimated ? 1 : 0);
        row.Bind(28, generation.FinishReason);
        row.Bind(29, generation.NativeFinishReason);
        row.Bind(30, (long?)generation.LatencyMs);
        row.Bind(31, (long?)generation.GenerationMs);
        row.Bind(32, generation.TokensPrompt);
        row.Bind(33, generation.TokensCompletion);
        row.Bind(34, generation.NativeTokensPrompt);
        row.Bind(35, generation.NativeTokensCompletion);
        row.Bind(36, generation.NativeTokensReasoning);
        row.Bind(37, generation.NativeTokensCached);
        row.Bind(38, generation.NativeTokensCompletionImages);
        row.Bind(39, generation.MediaPrompt);
        row.Bind(40, generation.InputAudioPrompt);
        row.Bind(41, generation.MediaCompletion);
        row.Bind(42, generation.SearchResults);
        row.Bind(43, generation.ProviderResponses);
        row.Bind(44, generation.RouteDecision);
        row.Bind(45, generation.UsageDetail);
        row.Bind(46, generation.PresetId);
        row.Bind(47, generation.ResponseCacheSourceId);
        return row.Execute() == 1;
    }

    /// <summary>The transaction is undone, and with it the numbers of prices first seen in it.</summary>
    public void ForgetPrices() => _prices.Clear();

    public void Dispose()
    {
        _insert.Dispose();
        _findPrice.Dispose();
        _price.Dispose();
    }

    private long? PriceId(string? body)
    {
        if (body is null)
        {
            return null;
        }

        if (_prices.TryGetValue(body, out var known))
        {
            return known;
        }

        if (_prices.Count >= PricesKept)
        {
            _prices.Clear();
        }

        _findPrice.Bind(1, body);
        var id = _findPrice.Scalar();
        if (id is null)
        {
            _price.Bind(1, body);
            id = _price.Scalar();
        }

        _prices[body] = id!.Value;
        return id;
    }
}
