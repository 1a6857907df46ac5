using System.Data.Common;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;

namespace Fairlead.Ledger.Transfer;

/// <summary>
/// What nodes that share a PostgreSQL have reserved for themselves. A node that ended in order has given it back; one that did not may hold charges that are
/// not in the database yet, so nothing moves before.
/// </summary>
/// <param name="table"><c>account_leases</c> or <c>key_leases</c>.</param>
internal sealed class ReservationTransfer(string table) : TableTransfer(table)
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction) => new() { Blocks = true, Where = "reserved > 0" };
}

/// <summary>Balances; on PostgreSQL with the sum of what is reserved, which is nothing when they are moved.</summary>
internal sealed class BalanceTransfer() : TableTransfer("ledger_accounts")
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction) =>
        target.IsPostgreSql() ? TransferPlan.AsIs : new() { Dropped = new HashSet<string> { "reserved" } };
}
