using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Recovery;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Ledger.Leases;

/// <summary>What became of giving a node up.</summary>
public enum NodeReleaseResult
{
    /// <summary>It is given up.</summary>
    Released = 1,
    /// <summary>It is alive and keeps what it has.</summary>
    Runs = 2,
    /// <summary>Nothing is known of it.</summary>
    Unknown = 3,
    /// <summary>An SQLite file has one node.</summary>
    Alone = 4,
}

/// <summary>What became of giving a node up.</summary>
/// <param name="Result">Whether it is.</param>
/// <param name="Requests">Its requests in flight that are recorded as cancelled now.</param>
/// <param name="Freed">The credits it had reserved.</param>
/// <param name="Host">The machine it runs or ran on.</param>
public readonly record struct NodeReleaseOutcome(NodeReleaseResult Result, int Requests, Credits Freed, string Host);

/// <summary>Gives up a dead node's requests in flight and reservations, in one transaction with its registration: should it live after all, it stops.</summary>
internal static class NodeRelease
{
    public static async Task<NodeReleaseOutcome> RunAsync(Database database, TimeProvider clock, string node, CancellationToken cancellationToken)
    {
        var watched = await new NodeRegister(database, clock).WatchAsync(node, cancellationToken);
        if (watched.Runs)
        {
            return new(NodeReleaseResult.Runs, 0, Credits.Zero, watched.Host);
        }

        return await database.WriteAsync(
            async (connection, transaction) =>
            {
                if (!await NodeRegister.ForgetAsync(connection, transaction, node, watched))
                {
                    return new NodeReleaseOutcome(NodeReleaseResult.Runs, 0, Credits.Zero, watched.Host);
                }

                var freed = await ReservedAsync(connection, transaction, node);
                var requests = await IntentRecovery.ResolveAsync(connection, transaction, node, clock.GetUtcNow().ToUnixTimeMilliseconds());
                var isKnown = watched.IsKnown || requests > 0 || freed != Credits.Zero;
                return new NodeReleaseOutcome(isKnown ? NodeReleaseResult.Released : NodeReleaseResult.Unknown, requests, freed, watched.Host);
            },
            "giving up a node", cancellationToken: cancellationToken);
    }

    private static async Task<Credits> ReservedAsync(DbConnection connection, DbTransaction transaction, string node) =>
        new(await connection.ExecuteScalarAsync<long>(
            "SELECT COALESCE(SUM(reserved), 0)::BIGINT FROM account_leases WHERE node_id = @node", new { node }, transaction));
}
