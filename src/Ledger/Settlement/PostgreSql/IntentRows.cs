using Fairlead.Ledger.Holds;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>Requests in flight to list, as rows of <c>intents</c>.</summary>
internal sealed class IntentRows
{
    private readonly List<Action<Hold>> _add = [];
    private readonly LedgerRun _run;

    public IntentRows(LedgerRun run)
    {
        _run = run;
        Number(static hold => hold.IntentRow);
        Text(static hold => hold.GenerationId);
        Number(static hold => hold.AccountId);
        Number(static hold => hold.KeyId);
        Number(static hold => hold.Amount.PicoDollars);
        Text(static hold => hold.Model);
        Number(static hold => hold.CreatedAtMs);
        Text(static hold => hold.ApiType);
    }

    public ArrayRows Rows { get; } = new();

    public string Insert =>
        $"""
        INSERT INTO intents (node_id, boot_id, id, generation_id, account_id, key_id, estimate, model, created_at_ms, api_type)
        SELECT '{_run.Node}', {_run.BootId}, t.* FROM {Rows.Source("t")}
        """;

    public void Fill(IReadOnlyList<Hold> holds)
    {
        Rows.Clear();
        foreach (var hold in holds)
        {
            foreach (var add in _add)
            {
                add(hold);
            }
        }
    }

    private void Number(Func<Hold, long> value)
    {
        var column = Rows.Number();
        _add.Add(hold => column.Add(value(hold)));
    }

    private void Text(Func<Hold, string> value)
    {
        var column = Rows.Text();
        _add.Add(hold => column.Add(value(hold)));
    }
}
