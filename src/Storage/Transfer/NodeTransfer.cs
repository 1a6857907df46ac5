using System.Data.Common;

namespace Fairlead.Storage.Transfer;

/// <summary>A table that tells of the nodes that run or ran on this database; another database has other nodes.</summary>
/// <param name="table">Its name.</param>
public sealed class NodeTransfer(string table) : TableTransfer(table)
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction) => new() { Moves = false };
}
