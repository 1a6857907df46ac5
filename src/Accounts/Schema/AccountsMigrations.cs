using Fairlead.Storage.Migrations;

namespace Fairlead.Accounts.Schema;

/// <summary>The tables of accounts and keys.</summary>
internal static class AccountsMigrations
{
    public static MigrationSet Set { get; } = new("accounts", 20,
        [new(1, "accounts and API keys", First, FirstOnPostgreSql), new(2, "rate limits", Second, SecondOnPostgreSql),
        new(3, "routing settings of accounts", Third("INTEGER"), Third("BIGINT")), new(4, "shares of rate limits", "SELECT 1", SharesOnPostgreSql),
        new(5, "presets", Presets("INTEGER"), Presets("BIGINT"))]);

    private const string First =
        """
        CREATE TABLE accounts (
            -- AUTOINCREMENT: the number of an account that is gone is never given again, its entries remain.
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            public_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            email TEXT UNIQUE,
            password_hash TEXT,
            is_operator INTEGER NOT NULL,
            setup_token_hash TEXT,
            created_at_ms INTEGER NOT NULL
        );

        CREATE TABLE api_keys (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account_id INTEGER NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            label TEXT NOT NULL,
            is_provisioning INTEGER NOT NULL,
            disabled INTEGER NOT NULL,
            deleted INTEGER NOT NULL DEFAULT 0,
            spend_limit INTEGER,
            limit_reset INTEGER NOT NULL,
            include_byok_in_limit INTEGER NOT NULL,
            expires_at_ms INTEGER,
            created_at_ms INTEGER NOT NULL,
            updated_at_ms INTEGER,
            -- Grows with every change of any key, so that other processes read only what changed.
            revision INTEGER NOT NULL
        );
        CREATE INDEX api_keys_revision ON api_keys (revision);
        CREATE INDEX api_keys_account ON api_keys (account_id, id);
        """;

    // Null is no limit.
    private const string Second =
        """
        ALTER TABLE api_keys ADD COLUMN rpm INTEGER;
        ALTER TABLE api_keys ADD COLUMN tpm INTEGER;
        ALTER TABLE api_keys ADD COLUMN concurrency INTEGER;

        -- What an account decided about itself; no row is every setting at its default.
        CREATE TABLE account_settings (
            account_id INTEGER PRIMARY KEY,
            rpm INTEGER,
            tpm INTEGER,
            concurrency INTEGER,
            updated_at_ms INTEGER NOT NULL,
            -- Grows with every change of any account, so that other processes read only what changed.
            revision INTEGER NOT NULL
        );
        CREATE INDEX account_settings_revision ON account_settings (revision);
        """;

    // Null is the default: training allowed, everything else off or empty. Lists are JSON.
    private static string Third(string flag) =>
        $"""
        ALTER TABLE account_settings ADD COLUMN default_model TEXT;
        ALTER TABLE account_settings ADD COLUMN default_provider_sort TEXT;
        ALTER TABLE account_settings ADD COLUMN allowed_providers TEXT;
        ALTER TABLE account_settings ADD COLUMN ignored_providers TEXT;
        ALTER TABLE account_settings ADD COLUMN allow_paid_training {flag};
        ALTER TABLE account_settings ADD COLUMN allow_free_training {flag};
        ALTER TABLE account_settings ADD COLUMN zdr {flag};
        ALTER TABLE account_settings ADD COLUMN plugins TEXT;
        """;

    private static string Presets(string number) =>
        $"""
        CREATE TABLE presets (
            id TEXT PRIMARY KEY,
            account_id {number} NOT NULL,
            slug TEXT NOT NULL,
            name TEXT NOT NULL,
            description TEXT,
            -- active, disabled, archived.
            status TEXT NOT NULL,
            status_updated_at_ms {number},
            -- The newest one, which requests get.
            version {number} NOT NULL,
            creator_id TEXT NOT NULL,
            created_at_ms {number} NOT NULL,
            updated_at_ms {number} NOT NULL,
            -- Grows with every change of any preset, so that other processes read only what changed.
            revision {number} NOT NULL
        );
        CREATE UNIQUE INDEX presets_slug ON presets (account_id, slug);
        CREATE INDEX presets_revision ON presets (revision);

        CREATE TABLE preset_versions (
            id TEXT NOT NULL,
            preset_id TEXT NOT NULL,
            version {number} NOT NULL,
            system_prompt TEXT,
            config TEXT NOT NULL,
            creator_id TEXT NOT NULL,
            created_at_ms {number} NOT NULL,
            PRIMARY KEY (preset_id, version)
        );
        """;

    // An SQLite file has one node, which has its limits to itself.
    private const string SharesOnPostgreSql =
        """
        -- What nodes that share the database may count of the limits of keys and accounts: all of one scope together never more than its limits.
        CREATE TABLE rate_shares (
            -- Key, Account, FreeModels.
            scope TEXT NOT NULL,
            id BIGINT NOT NULL,
            node_id TEXT NOT NULL,
            -- Of the node; a row of a run that ended counts for another minute.
            run TEXT NOT NULL,
            requests BIGINT NOT NULL,
            tokens BIGINT NOT NULL,
            concurrency BIGINT NOT NULL,
            -- Requests of the UTC day that are not settled.
            today BIGINT NOT NULL,
            day BIGINT NOT NULL,
            PRIMARY KEY (scope, id, node_id, run)
        ) WITH (fillfactor = 50);
        CREATE INDEX rate_shares_run ON rate_shares (node_id, run);
        """;

    private const string SecondOnPostgreSql =
        """
        ALTER TABLE api_keys ADD COLUMN rpm BIGINT;
        ALTER TABLE api_keys ADD COLUMN tpm BIGINT;
        ALTER TABLE api_keys ADD COLUMN concurrency BIGINT;

        CREATE TABLE account_settings (
            account_id BIGINT PRIMARY KEY,
            rpm BIGINT,
            tpm BIGINT,
            concurrency BIGINT,
            updated_at_ms BIGINT NOT NULL,
            revision BIGINT NOT NULL
        );
        CREATE INDEX account_settings_revision ON account_settings (revision);
        """;

    private const string FirstOnPostgreSql =
        """
        CREATE TABLE accounts (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            public_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            email TEXT UNIQUE,
            password_hash TEXT,
            is_operator BIGINT NOT NULL,
            setup_token_hash TEXT,
            created_at_ms BIGINT NOT NULL
        );

        CREATE TABLE api_keys (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            account_id BIGINT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            label TEXT NOT NULL,
            is_provisioning BIGINT NOT NULL,
            disabled BIGINT NOT NULL,
            deleted BIGINT NOT NULL DEFAULT 0,
            spend_limit BIGINT,
            limit_reset BIGINT NOT NULL,
            include_byok_in_limit BIGINT NOT NULL,
            expires_at_ms BIGINT,
            created_at_ms BIGINT NOT NULL,
            updated_at_ms BIGINT,
            revision BIGINT NOT NULL
        );
        CREATE INDEX api_keys_revision ON api_keys (revision);
        CREATE INDEX api_keys_account ON api_keys (account_id, id);
        """;
}
