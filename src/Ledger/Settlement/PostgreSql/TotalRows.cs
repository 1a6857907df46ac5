using Fairlead.Ledger.Postings;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>
/// What a batch adds to balances and roll-ups, as rows. Every node sends them in the same order, customers first, so that no two wait for each other in a
/// circle; the platform's accounts, which every batch of every node updates, come last and are locked for the shortest time.
/// </summary>
internal sealed class TotalRows
{
    private readonly ArrayRows.NumberColumn _entryAccount;
    private readonly ArrayRows.NumberColumn _entryAmount;
    private readonly ArrayRows.NumberColumn _entryUsed;
    private readonly ArrayRows.NumberColumn[] _key;
    private readonly ArrayRows.NumberColumn[] _activityNumbers;
    private readonly ArrayRows.TextColumn[] _activityTexts;

    public TotalRows()
    {
        (_entryAccount, _entryAmount, _entryUsed) = (Entries.Number(), Entries.Number(), Entries.Number());
        _key = [Keys.Number(), Keys.Number(), Keys.Number(), Keys.Number(), Keys.Number()];
        _activityNumbers = new ArrayRows.NumberColumn[9];
        for (var i = 0; i < 3; i++)
        {
            _activityNumbers[i] = Activity.Number();
        }

        _activityTexts = [Activity.Text(), Activity.Text(), Activity.Text(), Activity.Text()];
        for (var i = 3; i < 9; i++)
        {
            _activityNumbers[i] = Activity.Number();
        }
    }

    /// <summary>Account, amount, and what it adds to the account's usage.</summary>
    public ArrayRows Entries { get; } = new();

    public ArrayRows Keys { get; } = new();

    public ArrayRows Activity { get; } = new();

    public string AddToBalances =>
        $"""
        INSERT INTO ledger_accounts AS a (id, balance, credited, used, purchased)
        SELECT c1, c2, 0, c3, 0 FROM {Entries.Source("e")} ORDER BY c1 DESC
        ON CONFLICT (id) DO UPDATE SET balance = a.balance + EXCLUDED.balance, used = a.used + EXCLUDED.used
        """;

    public string AddToKeys =>
        $"""
        INSERT INTO key_usage_daily AS k (key_id, day, usage, byok_usage, requests)
        SELECT * FROM {Keys.Source("t")} ORDER BY c1, c2
        ON CONFLICT (key_id, day) DO UPDATE SET
            usage = k.usage + EXCLUDED.usage, byok_usage = k.byok_usage + EXCLUDED.byok_usage, requests = k.requests + EXCLUDED.requests
        """;

    public string AddToActivity =>
        $"""
        INSERT INTO activity_hourly AS a (
            account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name,
            requests, prompt_tokens, completion_tokens, reasoning_tokens, usage, byok_usage)
        SELECT * FROM {Activity.Source("t")} ORDER BY c1, c2, c3, c4, c5, c6, c7
        ON CONFLICT (account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name) DO UPDATE SET
            requests = a.requests + EXCLUDED.requests, prompt_tokens = a.prompt_tokens + EXCLUDED.prompt_tokens,
            completion_tokens = a.completion_tokens + EXCLUDED.completion_tokens, reasoning_tokens = a.reasoning_tokens + EXCLUDED.reasoning_tokens,
            usage = a.usage + EXCLUDED.usage, byok_usage = a.byok_usage + EXCLUDED.byok_usage
        """;

    public void Fill(SettlementTotals totals)
    {
        Entries.Clear();
        Keys.Clear();
        Activity.Clear();
        foreach (var (account, amount) in totals.Entries)
        {
            if (amount != 0)
            {
                _entryAccount.Add(account);
                _entryAmount.Add(amount);
                _entryUsed.Add(LedgerAccountId.IsCustomer(account) ? -amount : 0);
            }
        }

        foreach (var (key, total) in totals.Keys)
        {
            Add(_key, key.KeyId, key.Day, total.Usage, total.Byok, total.Requests);
        }

        foreach (var (key, total) in totals.Activity)
        {
            Add(
                _activityNumbers, key.AccountId, key.Hour, key.KeyId, total.Requests, total.PromptTokens, total.CompletionTokens, total.ReasoningTokens,
                total.Usage, total.Byok);
            _activityTexts[0].Add(key.ModelPermaslug);
            _activityTexts[1].Add(key.EndpointId);
            _activityTexts[2].Add(key.Model);
            _activityTexts[3].Add(key.ProviderName);
        }
    }

    private static void Add(ArrayRows.NumberColumn[] columns, params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Add(values[i]);
        }
    }
}
