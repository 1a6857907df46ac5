using Fairlead.Storage.Migrations;

namespace Fairlead.Storage.Schema;

/// <summary>The tables of the nodes themselves.</summary>
internal static class StorageMigrations
{
    // An SQLite file has one node, which keeps no table.
    public static MigrationSet Set { get; } = new("storage", 0, [new(1, "nodes", "SELECT 1", Nodes)]);

    private const string Nodes =
        """
        -- Who serves from this database. A row stays when its node ends: what the node had reserved may still be in its name.
        CREATE TABLE nodes (
            id TEXT PRIMARY KEY,
            -- Differs at every start.
            run TEXT NOT NULL,
            host TEXT NOT NULL,
            started_at_ms BIGINT NOT NULL,
            -- Counts, so that others see a node alive whatever this machine's clock does.
            renewals BIGINT NOT NULL,
            -- By this machine's clock; the node itself counts from earlier.
            valid_until TIMESTAMPTZ NOT NULL
        ) WITH (fillfactor = 50);
        """;
}
