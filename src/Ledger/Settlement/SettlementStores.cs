using Fairlead.Ledger.Settlement.PostgreSql;
using Fairlead.Storage;
using Microsoft.Data.Sqlite;

namespace Fairlead.Ledger.Settlement;

/// <summary>Makes the store for the engine of a database.</summary>
internal static class SettlementStores
{
    /// <summary>Throws <see cref="StorageException"/> when the database refuses.</summary>
    /// <param name="database">Where to.</param>
    /// <param name="run">What intents belong to, and whose leases charges draw on.</param>
    /// <param name="now">The month whose records are prepared for.</param>
    /// <param name="patience">PostgreSQL: how long to wait for an answer before it counts as away; null where nobody can go on without it.</param>
    public static ISettlementStore Open(Database database, LedgerRun run, DateTimeOffset now, TimeSpan? patience = null)
    {
        if (database.Engine is DatabaseEngine.PostgreSql)
        {
            return new PostgreSqlSettlementStore(database, run, now, patience);
        }

        using var lease = database.Lease();
        return new SqliteSettlementStore((SqliteConnection)lease.Connection, run);
    }
}
