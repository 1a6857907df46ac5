using System.Data.Common;
using Dapper;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Storage.Nodes;

/// <summary>What the database knows of a node, and whether it runs. PostgreSQL only.</summary>
public sealed class NodeRegister(Database database, TimeProvider clock)
{
    /// <summary>A node that has not renewed for so long promises nothing any more, whatever clocks say: its lease has ended by its own.</summary>
    private static readonly TimeSpan Silence = NodeLease.Length + TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Watches a node for a little longer than a lease lasts. Throws <see cref="StorageException"/>.
    /// </summary>
    /// <returns>What is known of it, and whether it runs.</returns>
    public async Task<NodeState> WatchAsync(string node, CancellationToken cancellationToken = default)
    {
        var began = clock.GetTimestamp();
        var first = await FindAsync(node);
        var now = first;
        while (now is { IsKnown: true, IsConnected: false } && now.Renewals == first.Renewals && clock.GetElapsedTime(began) < Silence)
        {
            await Task.Delay(BetweenLooks, clock, cancellationToken);
            now = await FindAsync(node);
        }

        return now with { Runs = now.IsConnected || now.Renewals != first.Renewals };
    }

    /// <summary>Forgets a node, in the caller's transaction; false when it has renewed since it was watched.</summary>
    public static async Task<bool> ForgetAsync(DbConnection connection, DbTransaction transaction, string node, NodeState watched) =>
        await connection.ExecuteAsync("DELETE FROM nodes WHERE id = @node AND renewals = @Renewals", new { node, watched.Renewals }, transaction) == (watched.IsKnown ? 1 : 0);

    private Task<NodeState> FindAsync(string node) => database.ReadAsync(
        async connection =>
        {
            var (known, renewals, connected, host) = await connection.QuerySingleAsync<(long, long, long, string)>(
                $"""
                SELECT COUNT(*), COALESCE(MAX(renewals), 0), (
                    SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {PostgreSqlLock.NodeSpace}
                    AND objid::BIGINT = (hashtext(@node)::BIGINT & 4294967295) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
                    COALESCE(MAX(host), '')
                FROM nodes WHERE id = @node
                """,
                new { node });
            return new NodeState(known > 0, renewals, connected > 0, host, Runs: false);
        },
        "looking for a node");
}

/// <summary>What is known of a node.</summary>
/// <param name="IsKnown">It has been registered and not been given up.</param>
/// <param name="Renewals">How often it renewed its lease; differs whenever it did.</param>
/// <param name="IsConnected">The server holds a session of it.</param>
/// <param name="Host">The machine it ran on last.</param>
/// <param name="Runs">It is alive.</param>
public readonly record struct NodeState(bool IsKnown, long Renewals, bool IsConnected, string Host, bool Runs);
