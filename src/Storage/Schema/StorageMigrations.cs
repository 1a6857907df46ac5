using Fairlead.Storage.Migrations;

namespace Fairlead.Storage.Schema;

/// <summary>The tables of the nodes themselves.</summary>
internal static class StorageMigrations
{
    // An SQLite file has one node, which keeps no table.
    public static MigrationSet Set { get; } = new("storage", 0,
    [
        new(1, "nodes", "SELECT 1", Nodes),
        new(2, "what nodes tell each other of endpoints", "SELECT 1", EndpointHealth),
    ]);

    // Worth a few seconds: not written to the log, and empty after a crash of the server.
    private const string EndpointHealth =
        """
        CREATE UNLOGGED TABLE endpoint_health (
            node_id TEXT NOT NULL,
            endpoint_id TEXT NOT NULL,
            -- Counts up with each telling of the node.
            said BIGINT NOT NULL,
            -- Base64.
            report TEXT NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (node_id, endpoint_id)
        ) WITH (fillfactor = 50);
        CREATE INDEX endpoint_health_said ON endpoint_health (node_id, said);
        """;

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
