using Fairlead.Ledger.Settlement.PostgreSql;
using Fairlead.Storage;
using Microsoft.Data.Sqlite;

namespace Fairlead.Ledger.Settlement;

/// <summary>Makes the store for the engine of a database.</summary>
internal static class SettlementStores
{
    /// <summary>Throws <see cref="StorageException"/> when the database refuses.</summary>
    public static ISettlementStore Open(Database database, LedgerRun run, DateTimeOffset now)
    {
        if (database.Engine is DatabaseEngine.PostgreSql)
        {
            return new PostgreSqlSettlementStore(database, run, now);
        }

        using var lease = database.Lease();
        return new SqliteSettlementStore((SqliteConnection)lease.Connection, run);
    }
}
