using System.Data.Common;
using Dapper;
using Fairlead.Ledger.RollUps;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Fairlead.Storage.PostgreSql;

namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// SQL of <c>rate_shares</c>, on PostgreSQL. Whoever raises a share holds the scope's advisory lock to the end of its transaction, so that all of them together are counted;
/// lowering needs none. A run writes its own rows only.
/// </summary>
internal sealed class ShareStore(Database database, NodeLease lease)
{
    /// <summary>Raises this run's share as <see cref="SharePlan"/> says.</summary>
    /// <exception cref="StorageException">The database refuses, or this run of the node is over; what the database has then is not known.</exception>
    public Task<SharePlan> TakeAsync(ScopeName name, ShareAsk ask) => database.WriteSharedAsync(
        async (connection, transaction) =>
        {
            await connection.ExecuteAsync(
                $"SELECT pg_advisory_xact_lock({PostgreSqlLock.ShareSpace}, hashtext(@name))", new { name = name.ToString() }, transaction);
            var scope = new { Kind = name.Kind.ToString(), name.Id, Node, lease.Run, ask.Day };
            var (requests, tokens, concurrency, today) = await connection.QuerySingleAsync<(long, long, long, long)>(
                """
                SELECT COALESCE(SUM(requests), 0)::BIGINT, COALESCE(SUM(tokens), 0)::BIGINT, COALESCE(SUM(concurrency), 0)::BIGINT,
                    COALESCE(SUM(today) FILTER (WHERE day = @Day), 0)::BIGINT
                FROM rate_shares WHERE scope = @Kind AND id = @Id AND (node_id <> @Node OR run <> @Run)
                """,
                scope, transaction);
            // After the shares: what was settled in between counts twice here, never not at all.
            var settled = name.Kind is RateScope.FreeModels && ask.Limits[(int)RateDimension.DailyRequests] != RateAmounts.NoLimit
                ? await ActivityStore.FreeRequestsAsync(connection, transaction, name.Id, DateOnly.FromDayNumber(ActivityStore.UnixEpoch.DayNumber + (int)ask.Day))
                : 0;
            var plan = SharePlan.Make(ask, RateAmounts.Of(requests, tokens, concurrency, today), settled);
            if (!ask.IsWritten(plan.Own))
            {
                await WriteAsync(connection, transaction, name, ask.Day, plan);
            }

            return plan;
        },
        "taking a share of a rate limit");

    /// <summary>Lowers this run's shares to what counts, and deletes those in which nothing does.</summary>
    /// <exception cref="StorageException">The database refuses; whether anything was handed back is not known.</exception>
    public Task HandBackAsync(IReadOnlyList<ShareLeft> left) => database.WriteSharedAsync(
        (connection, transaction) => connection.ExecuteAsync(
            """
            UPDATE rate_shares s SET requests = LEAST(s.requests, t.requests), tokens = LEAST(s.tokens, t.tokens), concurrency = LEAST(s.concurrency, t.concurrency),
                today = CASE WHEN s.day = t.day THEN LEAST(s.today, t.today) ELSE 0 END
            FROM unnest(@kinds, @ids, @requests, @tokens, @concurrency, @today, @days) AS t (scope, id, requests, tokens, concurrency, today, day)
            WHERE s.scope = t.scope AND s.id = t.id AND s.node_id = @Node AND s.run = @Run;
            DELETE FROM rate_shares s USING unnest(@kinds, @ids) AS t (scope, id)
            WHERE s.scope = t.scope AND s.id = t.id AND s.node_id = @Node AND s.run = @Run AND s.requests = 0 AND s.tokens = 0 AND s.concurrency = 0 AND s.today = 0;
            """,
            new
            {
                kinds = Each(left, static one => one.Name.Kind.ToString()), ids = Each(left, static one => one.Name.Id),
                requests = Each(left, RateDimension.Requests), tokens = Each(left, RateDimension.Tokens), concurrency = Each(left, RateDimension.Concurrency),
                today = Each(left, RateDimension.DailyRequests), days = Each(left, static one => one.Day), Node, lease.Run,
            },
            transaction),
        "handing back a share of a rate limit");

    private string Node => lease.NodeId.Value;

    private async Task WriteAsync(DbConnection connection, DbTransaction transaction, ScopeName name, long day, SharePlan plan)
    {
        var written = await connection.ExecuteAsync(
            """
            INSERT INTO rate_shares (scope, id, node_id, run, requests, tokens, concurrency, today, day)
            SELECT @Kind, @Id, id, run, @requests, @tokens, @concurrency, @today, @day FROM nodes WHERE id = @Node AND run = @Run
            ON CONFLICT (scope, id, node_id, run) DO UPDATE SET
                requests = EXCLUDED.requests, tokens = EXCLUDED.tokens, concurrency = EXCLUDED.concurrency, today = EXCLUDED.today, day = EXCLUDED.day
            """,
            new
            {
                Kind = name.Kind.ToString(), name.Id, Node, lease.Run, day,
                requests = plan.Own[(int)RateDimension.Requests], tokens = plan.Own[(int)RateDimension.Tokens],
                concurrency = plan.Own[(int)RateDimension.Concurrency], today = plan.Own[(int)RateDimension.DailyRequests],
            },
            transaction);
        if (written != 1)
        {
            throw new StorageException("This run of the node is over: it may take no share of a rate limit.");
        }
    }

    private static T[] Each<T>(IReadOnlyList<ShareLeft> left, Func<ShareLeft, T> what) => [.. left.Select(what)];

    private static long[] Each(IReadOnlyList<ShareLeft> left, RateDimension dimension) => Each(left, one => one.Counted[(int)dimension]);
}
