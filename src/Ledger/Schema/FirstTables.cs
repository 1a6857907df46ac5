namespace Fairlead.Ledger.Schema;

/// <summary>The ledger's tables as step 1 makes them, for each engine; what the columns mean is said once, at the first.</summary>
internal static class FirstTables
{
    public const string Sqlite =
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

    public const string PostgreSql =
        """
        CREATE TABLE ledger_accounts (
            id BIGINT PRIMARY KEY,
            balance BIGINT NOT NULL,
            credited BIGINT NOT NULL,
            used BIGINT NOT NULL,
            purchased BIGINT NOT NULL
        -- A few rows are updated by every batch: room for their versions on the same page.
        ) WITH (fillfactor = 50);

        CREATE TABLE postings (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            kind BIGINT NOT NULL,
            created_at_ms BIGINT NOT NULL,
            idempotency_key TEXT,
            actor TEXT NOT NULL,
            note TEXT NOT NULL
        );
        CREATE UNIQUE INDEX postings_idempotency_key ON postings (idempotency_key) WHERE idempotency_key IS NOT NULL;

        CREATE TABLE entries (
            posting_id BIGINT NOT NULL,
            account_id BIGINT NOT NULL,
            amount BIGINT NOT NULL,
            PRIMARY KEY (posting_id, account_id)
        );

        CREATE TABLE price_snapshots (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            body TEXT NOT NULL
        );
        -- Hash: the texts may be longer than what a B-tree takes. The same text twice would do no harm.
        CREATE INDEX price_snapshots_body ON price_snapshots USING hash (body);

        -- 202611 for "gen-1793836800-…", 0 for an id that does not say when it was made. GenerationMonth computes the same.
        CREATE FUNCTION generation_month(id TEXT) RETURNS BIGINT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN id ~ '^gen-[1-9][0-9]{9}-' THEN
                (extract(year FROM at) * 100 + extract(month FROM at))::BIGINT ELSE 0 END
            FROM (SELECT to_timestamp(CASE WHEN id ~ '^gen-[1-9][0-9]{9}-' THEN substr(id, 5, 10)::BIGINT ELSE 0 END) AT TIME ZONE 'UTC' AS at) AS made
        $$;

        -- The month follows from the id, so that (month, id) is unique exactly when the id is.
        CREATE TABLE generations (
            month BIGINT NOT NULL,
            id TEXT NOT NULL,
            account_id BIGINT NOT NULL,
            key_id BIGINT NOT NULL,
            posting_id BIGINT,
            cost BIGINT NOT NULL,
            overrun BIGINT NOT NULL,
            upstream_cost BIGINT NOT NULL,
            cache_discount BIGINT,
            settled_at_ms BIGINT NOT NULL,
            settled_day BIGINT NOT NULL,
            created_at_ms BIGINT NOT NULL,
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
            catalog_version BIGINT NOT NULL,
            price_id BIGINT,
            streamed BIGINT NOT NULL,
            cancelled BIGINT NOT NULL,
            is_byok BIGINT NOT NULL,
            usage_estimated BIGINT NOT NULL,
            finish_reason TEXT,
            native_finish_reason TEXT,
            latency_ms BIGINT,
            generation_ms BIGINT,
            tokens_prompt BIGINT NOT NULL,
            tokens_completion BIGINT NOT NULL,
            native_tokens_prompt BIGINT NOT NULL,
            native_tokens_completion BIGINT NOT NULL,
            native_tokens_reasoning BIGINT NOT NULL,
            native_tokens_cached BIGINT NOT NULL,
            native_tokens_completion_images BIGINT NOT NULL,
            media_prompt BIGINT NOT NULL,
            input_audio_prompt BIGINT NOT NULL,
            media_completion BIGINT NOT NULL,
            search_results BIGINT NOT NULL,
            provider_responses TEXT,
            route_decision TEXT
        ) PARTITION BY LIST (month);
        CREATE UNIQUE INDEX generations_id ON generations (month, id);
        CREATE TABLE generations_0 PARTITION OF generations FOR VALUES IN (0);

        CREATE TABLE intents (
            id BIGINT NOT NULL,
            boot_id BIGINT NOT NULL,
            generation_id TEXT NOT NULL,
            account_id BIGINT NOT NULL,
            key_id BIGINT NOT NULL,
            estimate BIGINT NOT NULL,
            model TEXT NOT NULL,
            created_at_ms BIGINT NOT NULL
        );

        CREATE TABLE ledger_boots (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            started_at_ms BIGINT NOT NULL,
            resolved_intents BIGINT NOT NULL
        );

        CREATE TABLE key_usage_daily (
            key_id BIGINT NOT NULL,
            day BIGINT NOT NULL,
            usage BIGINT NOT NULL,
            byok_usage BIGINT NOT NULL,
            requests BIGINT NOT NULL,
            PRIMARY KEY (key_id, day)
        ) WITH (fillfactor = 70);

        CREATE TABLE activity_hourly (
            account_id BIGINT NOT NULL,
            hour BIGINT NOT NULL,
            key_id BIGINT NOT NULL,
            model_permaslug TEXT NOT NULL,
            endpoint_id TEXT NOT NULL,
            model TEXT NOT NULL,
            provider_name TEXT NOT NULL,
            requests BIGINT NOT NULL,
            prompt_tokens BIGINT NOT NULL,
            completion_tokens BIGINT NOT NULL,
            reasoning_tokens BIGINT NOT NULL,
            usage BIGINT NOT NULL,
            byok_usage BIGINT NOT NULL,
            PRIMARY KEY (account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name)
        ) WITH (fillfactor = 70);

        CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
        CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION ledger_refuse('entries are append-only');
        CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries FOR EACH ROW EXECUTE FUNCTION ledger_refuse('entries are append-only');
        CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries EXECUTE FUNCTION ledger_refuse('entries are append-only');
        CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings FOR EACH ROW EXECUTE FUNCTION ledger_refuse('postings are append-only');
        CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings FOR EACH ROW EXECUTE FUNCTION ledger_refuse('postings are append-only');
        CREATE TRIGGER postings_no_truncate BEFORE TRUNCATE ON postings EXECUTE FUNCTION ledger_refuse('postings are append-only');
        CREATE TRIGGER generations_no_recharge
            BEFORE UPDATE OF id, account_id, key_id, posting_id, cost, overrun, upstream_cost, settled_day ON generations
            FOR EACH ROW EXECUTE FUNCTION ledger_refuse('what a generation cost never changes');
        """;
}
