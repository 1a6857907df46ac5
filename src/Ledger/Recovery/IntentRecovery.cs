using System.Data.Common;
using Dapper;

namespace Fairlead.Ledger.Recovery;

/// <summary>
/// What a start does about the last run: every intent it left is a request the gateway was killed in. Its caller pays nothing: the generation is recorded with
/// cost 0 and <c>cancelled: true</c>, and its hold, which lived in memory, is gone (invariant M5).
/// </summary>
internal static class IntentRecovery
{
    /// <returns>The number of this run and how many requests were resolved.</returns>
    public static async Task<(long BootId, int Resolved)> BeginRunAsync(DbConnection connection, DbTransaction transaction, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var resolved = await connection.ExecuteAsync(
            """
            INSERT INTO generations (
                id, account_id, key_id, cost, overrun, upstream_cost, settled_at_ms, settled_day, created_at_ms, model, model_permaslug,
                api_type, origin, catalog_version, streamed, cancelled, is_byok, usage_estimated, tokens_prompt, tokens_completion,
                native_tokens_prompt, native_tokens_completion, native_tokens_reasoning, native_tokens_cached, native_tokens_completion_images,
                media_prompt, input_audio_prompt, media_completion, search_results)
            SELECT generation_id, account_id, key_id, 0, 0, 0, @at, @at / 86400000, created_at_ms, model, model,
                'completions', '', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
            FROM intents WHERE true
            ON CONFLICT (id) DO NOTHING
            """,
            new { at }, transaction);
        await connection.ExecuteAsync("DELETE FROM intents", transaction: transaction);
        var boot = await connection.ExecuteScalarAsync<long>(
            "INSERT INTO ledger_boots (started_at_ms, resolved_intents) VALUES (@at, @resolved) RETURNING id", new { at, resolved }, transaction);
        return (boot, resolved);
    }
}
