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
    private readonly ArrayRows.NumberColumn _leaseKey;
    private readonly ArrayRows.NumberColumn _leaseAmount;
    private readonly ArrayRows.NumberColumn[] _key;
    private readonly ArrayRows.NumberColumn[] _activityNumbers;
    private readonly ArrayRows.TextColumn[] _activityTexts;

    public TotalRows()
    {
        (_entryAccount, _entryAmount, _entryUsed) = (Entries.Number(), Entries.Number(), Entries.Number());
        (_leaseKey, _leaseAmount) = (KeyLeases.Number(), KeyLeases.Number());
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

    /// <summary>How many customers are charged.</summary>
    public int Customers { get; private set; }

    public ArrayRows KeyLeases { get; } = new();

    /// <summary>The customers' rows in the order in which everybody locks them; needed where there are several.</summary>
    public string LockCustomers =>
        $"SELECT 1 FROM ledger_accounts WHERE id IN (SELECT c1 FROM {Entries.Source("e")} WHERE c1 > 0) ORDER BY id DESC FOR UPDATE";

    /// <summary>A charge comes out of what its node had reserved.</summary>
    public string ChargeCustomers =>
        $"""
        UPDATE ledger_accounts a SET balance = a.balance + e.c2, used = a.used + e.c3, reserved = a.reserved - e.c3
        FROM {Entries.Source("e")} WHERE a.id = e.c1 AND e.c1 > 0
        """;

    /// <summary>Refuses the batch unless this run of the node ($4, $5) still has reserved what each customer is charged.</summary>
    public string DrawOnAccountLeases =>
        $"""
        WITH e AS (SELECT c1, c3 FROM {Entries.Source("s")} WHERE c1 > 0), drawn AS (
            UPDATE account_leases l SET reserved = l.reserved - e.c3 FROM e WHERE l.account_id = e.c1 AND l.node_id = $4
            AND EXISTS (SELECT 1 FROM nodes WHERE id = $4 AND run = $5) RETURNING 1)
        SELECT ledger_covered((SELECT COUNT(*) FROM drawn) = (SELECT COUNT(*) FROM e))
        """;

    /// <summary>The same for limited keys ($3 is the node).</summary>
    public string DrawOnKeyLeases =>
        $"""
        WITH e AS (SELECT c1, c2 FROM {KeyLeases.Source("s")}), drawn AS (
            UPDATE key_leases l SET reserved = l.reserved - e.c2 FROM e WHERE l.key_id = e.c1 AND l.node_id = $3 RETURNING 1)
        SELECT ledger_covered((SELECT COUNT(*) FROM drawn) = (SELECT COUNT(*) FROM e))
        """;

    public string AddToPlatform =>
        $"""
        INSERT INTO ledger_accounts AS a (id, balance, credited, used, purchased)
        SELECT c1, c2, 0, 0, 0 FROM {Entries.Source("e")} WHERE c1 < 0 ORDER BY c1 DESC
        ON CONFLICT (id) DO UPDATE SET balance = a.balance + EXCLUDED.balance
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
        KeyLeases.Clear();
        Customers = 0;
        foreach (var (key, amount) in totals.KeyLeases)
        {
            _leaseKey.Add(key);
            _leaseAmount.Add(amount);
        }

        foreach (var (account, amount) in totals.Entries)
        {
            if (amount != 0)
            {
                _entryAccount.Add(account);
                _entryAmount.Add(amount);
                _entryUsed.Add(LedgerAccountId.IsCustomer(account) ? -amount : 0);
                Customers += LedgerAccountId.IsCustomer(account) ? 1 : 0;
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
