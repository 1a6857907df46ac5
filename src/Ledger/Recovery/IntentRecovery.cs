using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Leases;
using Fairlead.Storage;

namespace Fairlead.Ledger.Recovery;

/// <summary>
/// What a start does about the node's last run: every intent it left is a request the gateway was killed in. Its caller pays nothing: the generation is recorded
/// with cost 0 and <c>cancelled: true</c>, and its hold, which lived in memory, is gone (invariant M5). On PostgreSQL other nodes' intents are theirs to
/// resolve; an SQLite file has one node, whatever its data folder says.
/// </summary>
internal static class IntentRecovery
{
    /// <summary>Resolves them, and frees what the last run had reserved, for a run that begins.</summary>
    /// <returns>Its row of <c>ledger_boots</c> and how many requests were resolved.</returns>
    public static async Task<(long BootId, int Resolved)> BeginRunAsync(DbConnection connection, DbTransaction transaction, NodeId nodeId, DateTimeOffset now)
    {
        var (at, node) = (now.ToUnixTimeMilliseconds(), nodeId.Value);
        var resolved = await ResolveAsync(connection, transaction, node, at);
        var boot = await connection.ExecuteScalarAsync<long>(
            "INSERT INTO ledger_boots (started_at_ms, resolved_intents, node_id) VALUES (@at, @resolved, @node) RETURNING id",
            new { at, resolved, node }, transaction);
        return (boot, resolved);
    }

    /// <summary>Resolves what a node that runs no more was killed in, and frees what it had reserved.</summary>
    /// <returns>How many requests were resolved.</returns>
    public static async Task<int> ResolveAsync(DbConnection connection, DbTransaction transaction, string node, long at)
    {
        if (connection.IsPostgreSql())
        {
            await LeaseStore.FreeAllAsync(connection, transaction, node);
        }

        var (month, monthValue, mine) = connection.IsPostgreSql() ? ("month, ", "generation_month(generation_id), ", "node_id = @node") : ("", "", "true");
        if (connection.IsPostgreSql())
        {
            var ids = await connection.QueryAsync<string>($"SELECT generation_id FROM intents WHERE {mine}", new { node }, transaction);
            GenerationPartitions.Ensure(connection, ids.Select(GenerationMonth.Of).Distinct(), transaction);
        }

        var resolved = (await connection.QueryAsync<ResolvedIntent>(
            $"""
            INSERT INTO generations (
                {month}id, account_id, key_id, cost, overrun, upstream_cost, settled_at_ms, settled_day, created_at_ms, model, model_permaslug,
                api_type, origin, catalog_version, streamed, cancelled, is_byok, usage_estimated, tokens_prompt, tokens_completion,
                native_tokens_prompt, native_tokens_completion, native_tokens_reasoning, native_tokens_cached, native_tokens_completion_images,
                media_prompt, input_audio_prompt, media_completion, search_results, recovered)
            SELECT {monthValue}generation_id, account_id, key_id, 0, 0, 0, @at, @at / 86400000, created_at_ms, model, model,
                api_type, '', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
            FROM intents WHERE {mine}
            ON CONFLICT DO NOTHING
            RETURNING account_id AS AccountId, key_id AS KeyId, model
            """,
            new { at, node }, transaction)).AsList();
        await AddActivityAsync(connection, transaction, resolved, at);
        await connection.ExecuteAsync($"DELETE FROM intents WHERE {mine}", new { node }, transaction);
        return resolved.Count;
    }

    /// <summary>They count as requests, as those do that no endpoint answered: limits per day are derived from it.</summary>
    private static async Task AddActivityAsync(DbConnection connection, DbTransaction transaction, IEnumerable<ResolvedIntent> resolved, long at)
    {
        foreach (var same in resolved.GroupBy(static intent => (intent.AccountId, intent.KeyId, intent.Model)))
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO activity_hourly (
                    account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name,
                    requests, prompt_tokens, completion_tokens, reasoning_tokens, usage, byok_usage)
                VALUES (@AccountId, @hour, @KeyId, @Model, '', @Model, '', @requests, 0, 0, 0, 0, 0)
                ON CONFLICT (account_id, hour, key_id, model_permaslug, endpoint_id, model, provider_name) DO UPDATE SET
                    requests = activity_hourly.requests + @requests
                """,
                new { same.Key.AccountId, hour = at / 3_600_000, same.Key.KeyId, same.Key.Model, requests = same.Count() }, transaction);
        }
    }

    /// <summary>A request the gateway was killed in.</summary>
    private sealed class ResolvedIntent
    {
        public long AccountId { get; init; }
        public long KeyId { get; init; }
        public string Model { get; init; } = "";
    }
}
