using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Storage;
using Fairlead.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// The SQL of settlement on SQLite: one transaction per batch with a row per generation, and entries, balances and roll-ups summed over the batch.
/// Used by one thread at a time, holding the write lease.
/// </summary>
internal sealed class SqliteSettlementStore : ISettlementStore
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _nextPosting;
    private readonly GenerationStatement _generation;
    private readonly SqliteStatement _firstCost;
    private readonly SqliteStatement _posting;
    private readonly SqliteStatement _entry;
    private readonly SqliteStatement _account;
    private readonly SqliteStatement _keyUsage;
    private readonly SqliteStatement _activity;
    private readonly SqliteStatement _intent;
    private readonly SqliteStatement _intentDone;
    private readonly SettlementTotals _totals = new();
    private readonly LedgerRun _run;

    public SqliteSettlementStore(SqliteConnection connection, LedgerRun run)
    {
        _connection = connection;
        _run = run;
        SqliteStatement Prepare(string what, string sql) => new(connection, sql, what);

        _begin = Prepare("starting a settlement", "BEGIN IMMEDIATE");
        _commit = Prepare("committing settlements", "COMMIT");
        _rollback = Prepare("undoing settlements", "ROLLBACK");
        _nextPosting = Prepare("numbering a posting", "SELECT COALESCE(MAX(id), 0) + 1 FROM postings");
        _generation = new GenerationStatement(connection);
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
            INSERT INTO intents (id, boot_id, generation_id, account_id, key_id, estimate, model, created_at_ms, node_id, api_type)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        _intentDone = Prepare("removing an intent", "DELETE FROM intents WHERE id = ?1");
    }

    /// <inheritdoc/>
    public void Write(WriteLease lease, IReadOnlyList<PendingSettlement> settlements, IReadOnlyList<Hold> intents, IReadOnlyList<long> doneIntents)
    {
        if (lease.Connection != _connection)
        {
            throw new InvalidOperationException("The statements are prepared on another connection.");
        }

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
            _generation.ForgetPrices();
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
            _begin, _commit, _rollback, _nextPosting, _firstCost, _posting, _entry, _account, _keyUsage, _activity, _intent, _intentDone])
        {
            statement.Dispose();
        }

        _generation.Dispose();
    }

    private void WriteSettlements(IReadOnlyList<PendingSettlement> settlements)
    {
        var posting = _nextPosting.Scalar()!.Value;
        var settledAtMs = settlements[0].SettledAtMs;
        var month = MonthAccounts.Of(settledAtMs);
        foreach (var settlement in settlements)
        {
            settlement.FirstCost = null;
            if (settlement.IntentRow != 0)
            {
                RemoveIntent(settlement.IntentRow);
            }

            if (!_generation.Insert(settlement, posting))
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

    private void WriteIntent(Hold hold)
    {
        _intent.Bind(1, hold.IntentRow);
        _intent.Bind(2, _run.BootId);
        _intent.Bind(3, hold.GenerationId);
        _intent.Bind(4, hold.AccountId);
        _intent.Bind(5, hold.KeyId);
        _intent.Bind(6, hold.Amount.PicoDollars);
        _intent.Bind(7, hold.Model);
        _intent.Bind(8, hold.CreatedAtMs);
        _intent.Bind(9, _run.Node.Value);
        _intent.Bind(10, hold.ApiType);
        _intent.Execute();
    }

    private void RemoveIntent(long row)
    {
        _intentDone.Bind(1, row);
        _intentDone.Execute();
    }
}
