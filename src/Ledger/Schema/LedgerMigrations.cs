using Fairlead.Storage.Migrations;

namespace Fairlead.Ledger.Schema;

/// <summary>The ledger's tables. Amounts are INTEGER, 10⁻¹² US dollars; times are Unix milliseconds; days are counted from 1970-01-01 UTC.</summary>
internal static class LedgerMigrations
{
    public static MigrationSet Set { get; } = new("ledger", 10, [new(1, "accounts, postings, entries, generations, intents, roll-ups", First)]);

    private const string First =
        """
        -- Customers have positive ids (the account's own), the platform's counter-accounts negative ones (kind and month).
        CREATE TABLE ledger_accounts (
            id INTEGER PRIMARY KEY,
            -- The checks on the type keep SQLite from turning a sum past 64 bits into a floating-point number.
            balance INTEGER NOT NULL CHECK (typeof(balance) = 'integer'),
            credited INTEGER NOT NULL CHECK (typeof(credited) = 'integer'),
            used INTEGER NOT NULL CHECK (typeof(used) = 'integer'),
            purchased INTEGER NOT NULL CHECK (typeof(purchased) = 'integer')
        );

        CREATE TABLE postings (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            created_at_ms INTEGER NOT NULL,
            idempotency_key TEXT,
            actor TEXT NOT NULL,
            note TEXT NOT NULL
        );
        CREATE UNIQUE INDEX postings_idempotency_key ON postings (idempotency_key) WHERE idempotency_key IS NOT NULL;

        CREATE TABLE entries (
            posting_id INTEGER NOT NULL,
            account_id INTEGER NOT NULL,
            amount INTEGER NOT NULL CHECK (typeof(amount) = 'integer'),
            PRIMARY KEY (posting_id, account_id)
        ) WITHOUT ROWID;

        -- The prices a charge was computed from; a few hundred texts shared by all generations.
        CREATE TABLE price_snapshots (
            id INTEGER PRIMARY KEY,
            body TEXT NOT NULL
        );
        CREATE UNIQUE INDEX price_snapshots_body ON price_snapshots (body);

        CREATE TABLE generations (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            account_id INTEGER NOT NULL,
            key_id INTEGER NOT NULL,
            posting_id INTEGER,
            cost INTEGER NOT NULL,
            overrun INTEGER NOT NULL,
            upstream_cost INTEGER NOT NULL,
            cache_discount INTEGER,
            settled_at_ms INTEGER NOT NULL,
            settled_day INTEGER NOT NULL,
            created_at_ms INTEGER NOT NULL,
            model TEXT NOT NULL,
            model_permaslug TEXT NOT NULL,
            endpoint_id TEXT,
            provider_name TEXT,
            upstream_id TEXT,
            api_type TEXT NOT NULL,
            origin TEXT NOT NULL,
            app_title TEXT,
            external_user TEXT,
            session_id TEXT,
            catalog_version INTEGER NOT NULL,
            price_id INTEGER,
            streamed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            is_byok INTEGER NOT NULL,
            usage_estimated INTEGER NOT NULL,
            finish_reason TEXT,
            native_finish_reason TEXT,
            latency_ms INTEGER,
            generation_ms INTEGER,
            tokens_prompt INTEGER NOT NULL,
            tokens_completion INTEGER NOT NULL,
            native_tokens_prompt INTEGER NOT NULL,
            native_tokens_completion INTEGER NOT NULL,
            native_tokens_reasoning INTEGER NOT NULL,
            native_tokens_cached INTEGER NOT NULL,
            native_tokens_completion_images INTEGER NOT NULL,
            media_prompt INTEGER NOT NULL,
            input_audio_prompt INTEGER NOT NULL,
            media_completion INTEGER NOT NULL,
            search_results INTEGER NOT NULL,
            provider_responses TEXT,
            route_decision TEXT
        );
        CREATE UNIQUE INDEX generations_id ON generations (id);

        -- What is in flight: a crash leaves these rows, the next start turns them into cancelled generations.
        CREATE TABLE intents (
            id INTEGER PRIMARY KEY,
            boot_id INTEGER NOT NULL,
            generation_id TEXT NOT NULL,
            account_id INTEGER NOT NULL,
            key_id INTEGER NOT NULL,
            estimate INTEGER NOT NULL,
            model TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        );

        CREATE TABLE ledger_boots (
            id INTEGER PRIMARY KEY,
            started_at_ms INTEGER NOT NULL,
            resolved_intents INTEGER NOT NULL
        );

        CREATE TABLE key_usage_daily (
            key_id INTEGER NOT NULL,
            day INTEGER NOT NULL,
            usage INTEGER NOT NULL CHECK (typeof(usage) = 'integer'),
            byok_usage INTEGER NOT NULL CHECK (typeof(byok_usage) = 'integer'),
            requests INTEGER NOT NULL,
            PRIMARY KEY (key_id, day)
        ) WITHOUT ROWID;

        CREATE TABLE activity_hourly (
            account_id INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            key_id INTEGER NOT NULL,
            model_permaslug TEXT NOT NULL,
            endpoint_id TEXT NOT NULL,
            model TEXT NOT NULL,
            provider_name TEXT NOT NULL,
            requests INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            reasoning_tokens INTEGER NOT NULL,
            usage INTEGER NOT NULL CHECK (typeof(usage) = 'integer'),
            byok_usage INTEGER NOT NULL CHECK (typeof(byok_usage) = 'integer'),
            PRIMARY KEY (account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name)
        ) WITHOUT ROWID;

        CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
        CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings BEGIN SELECT RAISE(ABORT, 'postings are append-only'); END;
        CREATE TRIGGER generations_no_recharge
            BEFORE UPDATE OF id, account_id, key_id, posting_id, cost, overrun, upstream_cost, settled_day ON generations
            BEGIN SELECT RAISE(ABORT, 'what a generation cost never changes'); END;
        """;
}
