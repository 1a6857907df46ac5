using Fairlead.Storage.Migrations;

namespace Fairlead.Accounts.Schema;

/// <summary>The tables of accounts and keys.</summary>
internal static class AccountsMigrations
{
    public static MigrationSet Set { get; } = new("accounts", 20, [new(1, "accounts and API keys", First), new(2, "rate limits", Second)]);

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
}
