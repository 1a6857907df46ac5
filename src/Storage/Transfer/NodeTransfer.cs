using System.Data.Common;

namespace Fairlead.Storage.Transfer;

/// <summary>A table that tells which nodes run or ran on this database; another database has other nodes.</summary>
internal sealed class NodeTransfer() : TableTransfer("nodes")
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction) => new() { Moves = false };
}
