using Fairlead.Storage.Migrations;

namespace Fairlead.Ledger.Schema;

/// <summary>
/// How the ledger's tables came to be. Amounts are 64-bit integers, 10⁻¹² US dollars; times are Unix milliseconds; days are counted from 1970-01-01 UTC.
/// </summary>
internal static class LedgerMigrations
{
    public static MigrationSet Set { get; } = new("ledger", 10,
    [
        new(1, "accounts, postings, entries, generations, intents, roll-ups", FirstTables.Sqlite, FirstTables.PostgreSql),
        new(2, "which node an intent and a run belong to", Nodes, Nodes + NodesOnPostgreSql),
        // One node has an SQLite file to itself: there is nothing to reserve.
        new(3, "what nodes reserve for themselves", "SELECT 1", LeaseTables.PostgreSql),
    ]);

    private const string Nodes =
        """
        ALTER TABLE intents ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE ledger_boots ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
        """;

    // Every node numbers its own intents.
    private const string NodesOnPostgreSql = "ALTER TABLE intents ADD PRIMARY KEY (node_id, id);";
}
