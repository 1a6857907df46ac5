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
        new(4, "what a charge is recomputed from", Recomputed + FrozenPrices, Recomputed + FrozenPricesOnPostgreSql),
        new(5, "records that only stand for a request its gateway was killed in", Recovered, Recovered + ReplaceableOnPostgreSql),
        new(6, "the preset of a request, and the kept answer it got", Presets, Presets),
        new(7, "what kind of request an intent was", IntentKinds, IntentKinds),
    ]);

    private const string Nodes =
        """
        ALTER TABLE intents ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE ledger_boots ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
        """;

    // Null in rows of before, which say too little to be recomputed; empty where the counts in the other columns are all that was priced.
    private const string Recomputed = "ALTER TABLE generations ADD COLUMN usage_detail TEXT;";

    // Rows of before are of requests for text, but for a few.
    private const string IntentKinds = "ALTER TABLE intents ADD COLUMN api_type TEXT NOT NULL DEFAULT 'completions';";

    private const string Presets =
        """
        ALTER TABLE generations ADD COLUMN preset_id TEXT;
        ALTER TABLE generations ADD COLUMN response_cache_source_id TEXT;
        """;

    // 1 where a start or the operator recorded a request as cancelled because nothing was known of its end.
    private const string Recovered = "ALTER TABLE generations ADD COLUMN recovered BIGINT NOT NULL DEFAULT 0;";

    // A node that was given up may have a charge in its journal that its caller was shown: it takes the place of such a record, once. An SQLite file has one
    // node, which has no journal: nothing is ever replaced there.
    private const string ReplaceableOnPostgreSql =
        """
        DROP TRIGGER generations_no_recharge ON generations;
        CREATE TRIGGER generations_no_recharge
            BEFORE UPDATE OF id, account_id, key_id, posting_id, cost, overrun, upstream_cost, settled_day, recovered ON generations
            FOR EACH ROW WHEN (NOT (
                OLD.recovered = 1 AND NEW.recovered = 0 AND OLD.posting_id IS NULL AND OLD.cost = 0 AND OLD.overrun = 0 AND OLD.upstream_cost = 0
                AND NEW.id = OLD.id AND NEW.account_id = OLD.account_id AND NEW.key_id = OLD.key_id))
            EXECUTE FUNCTION ledger_refuse('what a generation cost never changes');
        """;

    private const string FrozenPrices =
        """
        CREATE TRIGGER price_snapshots_no_update BEFORE UPDATE ON price_snapshots BEGIN SELECT RAISE(ABORT, 'prices of charges never change'); END;
        CREATE TRIGGER price_snapshots_no_delete BEFORE DELETE ON price_snapshots BEGIN SELECT RAISE(ABORT, 'prices of charges never change'); END;
        """;

    private const string FrozenPricesOnPostgreSql =
        """
        CREATE TRIGGER price_snapshots_no_update BEFORE UPDATE ON price_snapshots FOR EACH ROW EXECUTE FUNCTION ledger_refuse('prices of charges never change');
        CREATE TRIGGER price_snapshots_no_delete BEFORE DELETE ON price_snapshots FOR EACH ROW EXECUTE FUNCTION ledger_refuse('prices of charges never change');
        CREATE TRIGGER price_snapshots_no_truncate BEFORE TRUNCATE ON price_snapshots EXECUTE FUNCTION ledger_refuse('prices of charges never change');
        """;

    // Every node numbers its own intents.
    private const string NodesOnPostgreSql = "ALTER TABLE intents ADD PRIMARY KEY (node_id, id);";
}
