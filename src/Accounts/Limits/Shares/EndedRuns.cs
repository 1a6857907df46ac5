using System.Data.Common;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// Lets go what nodes had that ended: their open requests at once, the rest after a minute, in which it still counts. A node has ended when another run of it has begun, or when it
/// has not renewed its lease for longer than one lasts: that is measured by this machine's monotonic clock, so no clock that is set, the server's included, ends a node. Every node does
/// it; one at a time per node.
/// </summary>
internal sealed class EndedRuns(Database database, NodeLease lease, TimeProvider clock)
{
    /// <summary>A node that has not renewed for so long uses nothing any more: its lease has ended by its own clock.</summary>
    private static readonly TimeSpan Silence = NodeLease.Length + TimeSpan.FromSeconds(1);

    /// <summary>For so long what a node admitted last still counts.</summary>
    private static readonly TimeSpan Counting = LimitScope.Length;

    private Dictionary<(string Node, string Run), Watched> _watched = [];

    /// <summary>One look. Throws <see cref="StorageException"/>.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        var watched = new Dictionary<(string, string), Watched>();
        foreach (var (node, run, isCurrent, renewals) in await ReadAsync(cancellationToken))
        {
            if (node == lease.NodeId.Value && run == lease.Run)
            {
                continue;
            }

            var now = clock.GetTimestamp();
            var before = _watched.GetValueOrDefault((node, run));
            var seen = before is not null && before.Renewals == renewals ? before : new Watched(renewals, now, EndedAt: null, IsCleared: false);
            if (seen.EndedAt is null && (!isCurrent || clock.GetElapsedTime(seen.Since, now) >= Silence))
            {
                seen = seen with { EndedAt = now };
            }

            if (seen.EndedAt is { } ended)
            {
                var isOver = clock.GetElapsedTime(ended, now) >= Counting;
                if (isOver || !seen.IsCleared)
                {
                    await LetGoAsync(node, run, renewals, isOver, cancellationToken);
                    seen = seen with { IsCleared = true };
                }
            }

            watched[(node, run)] = seen;
        }

        _watched = watched;
    }

    /// <summary>Runs that have shares: from index entry to index entry, however many shares there are.</summary>
    private Task<IEnumerable<(string Node, string Run, bool IsCurrent, long Renewals)>> ReadAsync(CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.QueryAsync<(string, string, bool, long)>(new CommandDefinition(
            """
            WITH RECURSIVE runs AS (
                (SELECT node_id, run FROM rate_shares ORDER BY node_id, run LIMIT 1)
                UNION ALL
                SELECT next.node_id, next.run FROM runs r, LATERAL (
                    SELECT s.node_id, s.run FROM rate_shares s WHERE (s.node_id, s.run) > (r.node_id, r.run) ORDER BY s.node_id, s.run LIMIT 1) next)
            SELECT r.node_id, r.run, COALESCE(n.run = r.run, FALSE), COALESCE(n.renewals, 0) FROM runs r LEFT JOIN nodes n ON n.id = r.node_id
            """,
            cancellationToken: cancellationToken)),
        "looking for nodes that ended");

    private Task<int> LetGoAsync(string node, string run, long renewals, bool all, CancellationToken cancellationToken) => database.WriteSharedAsync(
        async (connection, transaction) =>
        {
            // Should it live after all, it waits here for us, or we see that it has renewed.
            var now = await connection.QuerySingleOrDefaultAsync<long?>(
                "SELECT renewals FROM nodes WHERE id = @node AND run = @run FOR UPDATE", new { node, run }, transaction);
            return now is { } current && current != renewals ? 0 : await LetGoAsync(connection, transaction, node, run, all);
        },
        "clearing shares of a node that ended", cancellationToken);

    private static Task<int> LetGoAsync(DbConnection connection, DbTransaction transaction, string node, string run, bool all) => connection.ExecuteAsync(
        all ? "DELETE FROM rate_shares WHERE node_id = @node AND run = @run"
            : "UPDATE rate_shares SET concurrency = 0 WHERE node_id = @node AND run = @run AND concurrency <> 0",
        new { node, run }, transaction);

    /// <summary>A run of another node, as last seen.</summary>
    /// <param name="Renewals">How often it had renewed its lease.</param>
    /// <param name="Since">When that was first seen.</param>
    /// <param name="EndedAt">When it was first known to have ended.</param>
    /// <param name="IsCleared">Its open requests are let go.</param>
    private sealed record Watched(long Renewals, long Since, long? EndedAt, bool IsCleared);
}
