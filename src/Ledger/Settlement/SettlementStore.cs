using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// The SQL of settlement on SQLite: one transaction per batch with a row per generation, and entries, balances and roll-ups summed over the batch.
/// Used only by the settlement writer's thread, holding the write lease.
/// </summary>
internal sealed class SettlementStore : IDisposable
{
    private const int PricesKept = 4096;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _nextPosting;
    private readonly SqliteStatement _generation;
    private readonly SqliteStatement _firstCost;
    private readonly SqliteStatement _posting;
    private readonly SqliteStatement _entry;
    private readonly SqliteStatement _account;
    private readonly SqliteStatement _keyUsage;
    private readonly SqliteStatement _activity;
    private readonly SqliteStatement _intent;
    private readonly SqliteStatement _intentDone;
    private readonly SqliteStatement _findPrice;
    private readonly SqliteStatement _price;
    private readonly SettlementTotals _totals = new();
    private readonly Dictionary<string, long> _prices = [];
    private readonly long _bootId;

    public SettlementStore(SqliteConnection connection, long bootId)
    {
        _connection = connection;
        _bootId = bootId;
        SqliteStatement Prepare(string what, string sql) => new(connection, sql, what);

        _begin = Prepare("starting a settlement", "BEGIN IMMEDIATE");
        _commit = Prepare("committing settlements", "COMMIT");
        _rollback = Prepare("undoing settlements", "ROLLBACK");
        _nextPosting = Prepare("numbering a posting", "SELECT COALESCE(MAX(id), 0) + 1 FROM postings");
        _generation = Prepare(
            "recording a generation",
            """
            INSERT INTO generations (
                id, account_id, key_id, posting_id, cost, overrun, upstream_cost, cache_discount, settled_at_ms, settled_day, created_at_ms,
                model, model_permaslug, endpoint_id, provider_name, upstream_id, api_type, origin, app_title, external_user, session_id,
                catalog_version, price_id, streamed, cancelled, is_byok, usage_estimated, finish_reason, native_finish_reason, latency_ms, generation_ms,
                tokens_prompt, tokens_completion, native_tokens_prompt, native_tokens_completion, native_tokens_reasoning, native_tokens_cached,
                native_tokens_completion_images, media_prompt, input_audio_prompt, media_completion, search_results, provider_responses, route_decision)
            VALUES (
                ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30,
                ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44)
            ON CONFLICT (id) DO NOTHING
            """);
        _firstCost = Prepare("reading a generation", "SELECT cost FROM generations WHERE id = ?1");
        _posting = Prepare(
            "writing a posting", $"INSERT INTO postings (id, kind, created_at_ms, actor, note) VALUES (?1, {(int)PostingKind.Usage}, ?2, 'gateway', '')");
        _entry = Prepare("writing an entry", "INSERT INTO entries (posting_id, account_id, amount) VALUES (?1, ?2, ?3)");
        _account = Prepare(
            "updating a balance",
            """
            INSERT INTO ledger_accounts (id, balance, credited, used, purchased) VALUES (?1, ?2, 0, ?3, 0)
            ON CONFLICT (id) DO UPDATE SET balance = balance + ?2, used = used + ?3
            """);
        _keyUsage = Prepare(
            "updating a key's usage",
            """
            INSERT INTO key_usage_daily (key_id, day, usage, byok_usage, requests) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (key_id, day) DO UPDATE SET usage = usage + ?3, byok_usage = byok_usage + ?4, requests = requests + ?5
            """);
        _activity = Prepare(
            "updating activity",
            """
            INSERT INTO activity_hourly (
                account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name,
                requests, prompt_tokens, completion_tokens, reasoning_tokens, usage, byok_usage)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name) DO UPDATE SET
                requests = requests + ?8, prompt_tokens = prompt_tokens + ?9, completion_tokens = completion_tokens + ?10,
                reasoning_tokens = reasoning_tokens + ?11, usage = usage + ?12, byok_usage = byok_usage + ?13
            """);
        _intent = Prepare(
            "writing an intent",
            """
            INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """);
        _intentDone = Prepare("removing an intent", "DELETE FROM intents WHERE id = ?1");
        _findPrice = Prepare("reading prices", "SELECT id FROM price_snapshots WHERE body = ?1");
        _price = Prepare("writing prices", "INSERT INTO price_snapshots (body) VALUES (?1) RETURNING id");
    }

    /// <summary>
    /// Writes and commits everything, or nothing and throws. Marks settlements whose generation was there already
    /// (<see cref="PendingSettlement.FirstCost"/>).
    /// </summary>
    public void Write(IReadOnlyList<PendingSettlement> settlements, IReadOnlyList<Hold> intents, IReadOnlyList<long> doneIntents)
    {
        _begin.Execute();
        try
        {
            _totals.Clear();
            if (settlements.Count > 0)
            {
                WriteSettlements(settlements);
            }

            foreach (var hold in intents)
            {
                WriteIntent(hold);
            }

            foreach (var row in doneIntents)
            {
                RemoveIntent(row);
            }

            _commit.Execute();
        }
        catch
        {
            // Rows of this transaction are gone, and with them the numbers of prices first seen in it.
            _prices.Clear();
            if (_connection.IsInTransaction())
            {
                _rollback.Execute();
            }

            throw;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<SqliteStatement>)[
            _begin, _commit, _rollback, _nextPosting, _generation, _firstCost, _posting, _entry, _account, _keyUsage, _activity, _intent, _intentDone,
            _findPrice, _price])
        {
            statement.Dispose();
        }
    }

    private void WriteSettlements(IReadOnlyList<PendingSettlement> settlements)
    {
        var posting = _nextPosting.Scalar()!.Value;
        var settledAtMs = settlements[0].SettledAtMs;
        var month = MonthOf(settledAtMs);
        foreach (var settlement in settlements)
        {
            settlement.FirstCost = null;
            if (settlement.IntentRow != 0)
            {
                RemoveIntent(settlement.IntentRow);
            }

            if (!WriteGeneration(settlement, posting))
            {
                _firstCost.Bind(1, settlement.Generation.Id);
                settlement.FirstCost = _firstCost.Scalar();
                continue;
            }

            _totals.AddEntries(settlement, month);
            _totals.AddRollUps(settlement);
        }

        WriteTotals(posting, settledAtMs);
    }

    private void WriteTotals(long posting, long settledAtMs)
    {
        if (_totals.Entries.Count > 0)
        {
            _posting.Bind(1, posting);
            _posting.Bind(2, settledAtMs);
            _posting.Execute();
        }

        foreach (var (account, amount) in _totals.Entries)
        {
            if (amount == 0)
            {
                continue;
            }

            _entry.Bind(1, posting);
            _entry.Bind(2, account);
            _entry.Bind(3, amount);
            _entry.Execute();
            _account.Bind(1, account);
            _account.Bind(2, amount);
            _account.Bind(3, LedgerAccountId.IsCustomer(account) ? -amount : 0);
            _account.Execute();
        }

        foreach (var (key, total) in _totals.Keys)
        {
            _keyUsage.Bind(1, key.KeyId);
            _keyUsage.Bind(2, key.Day);
            _keyUsage.Bind(3, total.Usage);
            _keyUsage.Bind(4, total.Byok);
            _keyUsage.Bind(5, total.Requests);
            _keyUsage.Execute();
        }

        foreach (var (key, total) in _totals.Activity)
        {
            _activity.Bind(1, key.AccountId);
            _activity.Bind(2, key.Hour);
            _activity.Bind(3, key.KeyId);
            _activity.Bind(4, key.ModelPermaslug);
            _activity.Bind(5, key.EndpointId);
            _activity.Bind(6, key.Model);
            _activity.Bind(7, key.ProviderName);
            _activity.Bind(8, total.Requests);
            _activity.Bind(9, total.PromptTokens);
            _activity.Bind(10, total.CompletionTokens);
            _activity.Bind(11, total.ReasoningTokens);
            _activity.Bind(12, total.Usage);
            _activity.Bind(13, total.Byok);
            _activity.Execute();
        }
    }

    private bool WriteGeneration(PendingSettlement settlement, long posting)
    {
        var generation = settlement.Generation;
        var moves = (settlement.Charged | settlement.Overrun | (generation.IsByok ? 0 : generation.UpstreamCost.PicoDollars)) != 0;
        var row = _generation;
        row.Bind(1, generation.Id);
        row.Bind(2, generation.AccountId);
        row.Bind(3, generation.KeyId);
        row.Bind(4, moves ? posting : (long?)null);
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
        return row.Execute() == 1;
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

    private void WriteIntent(Hold hold)
    {
        _intent.Bind(1, hold.IntentRow);
        _intent.Bind(2, _bootId);
        _intent.Bind(3, hold.GenerationId);
        _intent.Bind(4, hold.AccountId);
        _intent.Bind(5, hold.KeyId);
        _intent.Bind(6, hold.Amount.PicoDollars);
        _intent.Bind(7, hold.Model);
        _intent.Bind(8, hold.CreatedAtMs);
        _intent.Execute();
    }

    private void RemoveIntent(long row)
    {
        _intentDone.Bind(1, row);
        _intentDone.Execute();
    }

    private static MonthAccounts MonthOf(long atMs)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(atMs);
        return new(
            LedgerAccountId.Of(PlatformAccount.ProviderCost, at), LedgerAccountId.Of(PlatformAccount.Fees, at), LedgerAccountId.Of(PlatformAccount.Overrun, at));
    }
}
