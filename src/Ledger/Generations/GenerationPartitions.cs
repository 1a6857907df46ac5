using System.Data.Common;
using Dapper;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Ledger.Generations;

/// <summary>Makes the monthly partitions of <c>generations</c> on PostgreSQL.</summary>
internal static class GenerationPartitions
{
    /// <summary>
    /// Makes the partition of each month unless it is there. Made beside and attached, which no reader or writer of the table waits for. Several nodes may do
    /// it at once.
    /// </summary>
    public static void Ensure(DbConnection connection, IEnumerable<long> months, DbTransaction? transaction = null, int? seconds = null)
    {
        foreach (var month in months)
        {
            // Numbers only: nothing of an id gets into the text.
            connection.Execute(
                $"""
                DO $$ BEGIN
                    PERFORM pg_advisory_xact_lock({PostgreSqlLock.Space}, {PostgreSqlLock.Partition});
                    IF to_regclass('generations_{month}') IS NULL THEN
                        CREATE TABLE generations_{month} (LIKE generations INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
                        ALTER TABLE generations ATTACH PARTITION generations_{month} FOR VALUES IN ({month});
                    END IF;
                END $$
                """,
                transaction: transaction, commandTimeout: seconds);
        }
    }
}
