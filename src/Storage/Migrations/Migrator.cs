using System.Data.Common;
using Dapper;

namespace Fairlead.Storage.Migrations;

/// <summary>
/// Brings the tables of every room to the version this program knows: forward only, all or nothing, in a transaction that holds the database's write lock
/// (SQLite) or a lock of our own (PostgreSQL), so that two programs started at once migrate once.
/// </summary>
internal static class Migrator
{
    private const string SqliteVersions =
        """
        CREATE TABLE IF NOT EXISTS schema_versions (
            room TEXT NOT NULL,
            version INTEGER NOT NULL,
            name TEXT NOT NULL,
            applied_at_ms INTEGER NOT NULL,
            PRIMARY KEY (room, version)
        ) WITHOUT ROWID
        """;

    private const string PostgreSqlVersions =
        """
        CREATE TABLE IF NOT EXISTS schema_versions (
            room TEXT NOT NULL,
            version BIGINT NOT NULL,
            name TEXT NOT NULL,
            applied_at_ms BIGINT NOT NULL,
            PRIMARY KEY (room, version)
        )
        """;

    /// <returns>How many steps were applied.</returns>
    public static int Apply(DbConnection connection, DbTransaction transaction, DatabaseEngine engine, IEnumerable<MigrationSet> sets, TimeProvider clock)
    {
        var applied = 0;
        connection.Execute(engine is DatabaseEngine.PostgreSql ? PostgreSqlVersions : SqliteVersions, transaction: transaction);
        foreach (var set in sets.OrderBy(static s => s.Order).ThenBy(static s => s.Room))
        {
            CheckOrder(set);
            var current = connection.ExecuteScalar<int>(
                "SELECT COALESCE(MAX(version), 0) FROM schema_versions WHERE room = @Room", new { set.Room }, transaction);
            if (current > set.Steps.Count)
            {
                throw new StorageException(
                    StorageFailure.NewerSchema,
                    $"The database holds version {current} of the tables of \"{set.Room}\" and this program knows {set.Steps.Count}: "
                    + "it was written by a newer Fairlead. Start that version, or restore the backup made before the upgrade.");
            }

            foreach (var step in set.Steps.Skip(current))
            {
                connection.Execute(step.For(engine), transaction: transaction);
                connection.Execute(
                    "INSERT INTO schema_versions (room, version, name, applied_at_ms) VALUES (@Room, @Version, @Name, @Now)",
                    new { set.Room, step.Version, step.Name, Now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
                    transaction);
                applied++;
            }
        }

        return applied;
    }

    private static void CheckOrder(MigrationSet set)
    {
        for (var i = 0; i < set.Steps.Count; i++)
        {
            if (set.Steps[i].Version != i + 1)
            {
                throw new InvalidOperationException($"Migrations of {set.Room} must count 1, 2, 3 …; found {set.Steps[i].Version} at place {i + 1}.");
            }
        }
    }
}
