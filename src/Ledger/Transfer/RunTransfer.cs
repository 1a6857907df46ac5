using System.Data.Common;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;

namespace Fairlead.Ledger.Transfer;

/// <summary>
/// What was in flight when a gateway was killed, and the runs it belongs to. An SQLite file has one node, whichever its rows name: on a server they are this
/// folder's, so that its next start resolves them. The other way round that start resolves every row, and rows are numbered anew: each node counted its own.
/// </summary>
/// <param name="table"><c>intents</c> or <c>ledger_boots</c>.</param>
/// <param name="node">The node of this data folder; asked only where a row needs it.</param>
/// <param name="renumbered">Whether ids are given anew on SQLite.</param>
internal sealed class RunTransfer(string table, Func<NodeId> node, bool renumbered) : TableTransfer(table)
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction)
    {
        if (!source.IsPostgreSql() && target.IsPostgreSql())
        {
            return new()
            {
                Computed = new Dictionary<string, Func<Func<string, object?>, object?>> { ["node_id"] = _ => node().Value },
            };
        }

        return renumbered && !target.IsPostgreSql() ? new() { Dropped = new HashSet<string> { "id" } } : TransferPlan.AsIs;
    }
}
