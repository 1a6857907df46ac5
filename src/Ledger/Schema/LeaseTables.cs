namespace Fairlead.Ledger.Schema;

/// <summary>What nodes that share a database have reserved for themselves (step 3).</summary>
internal static class LeaseTables
{
    public const string PostgreSql =
        """
        -- The sum of account_leases: credits that only their node may charge or hand back.
        ALTER TABLE ledger_accounts ADD COLUMN reserved BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_covered CHECK (id < 0 OR (reserved >= 0 AND balance >= reserved));

        CREATE TABLE account_leases (
            account_id BIGINT NOT NULL,
            node_id TEXT NOT NULL,
            reserved BIGINT NOT NULL CHECK (reserved >= 0),
            PRIMARY KEY (account_id, node_id)
        ) WITH (fillfactor = 50);
        CREATE INDEX account_leases_node ON account_leases (node_id);

        -- The same under the limits of keys: usage in the window and everything reserved never exceed the limit.
        CREATE TABLE key_leases (
            key_id BIGINT NOT NULL,
            node_id TEXT NOT NULL,
            account_id BIGINT NOT NULL,
            reserved BIGINT NOT NULL CHECK (reserved >= 0),
            PRIMARY KEY (key_id, node_id)
        ) WITH (fillfactor = 50);
        CREATE INDEX key_leases_node ON key_leases (node_id);

        CREATE FUNCTION ledger_covered(covered BOOLEAN) RETURNS VOID LANGUAGE plpgsql AS $$ BEGIN
            IF NOT covered THEN RAISE EXCEPTION 'a charge is not covered by what its node has reserved' USING ERRCODE = 'FL001'; END IF;
        END $$;
        """;
}
