using System.Data.Common;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fairlead.Catalog.Health.Sharing;

/// <summary>
/// Where several nodes share a PostgreSQL, tells the others every second how endpoints have been doing here, and takes in what they say, through an unlogged table.
/// Never on the way of a request; while the database is away each node goes on with what it knows. What a node said is forgotten when its lease ends.
/// </summary>
internal sealed partial class HealthExchange(HealthBook book, Database database, NodeLease nodes, TimeProvider time, ILogger<HealthExchange> logger) : BackgroundService
{
    private const int RoundsToTellAll = 5;
    private const int MostPerRound = 2000;

    private readonly Dictionary<string, byte[]> told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> heard = new(StringComparer.Ordinal);
    private long counter;
    private int round;
    private bool fails;
    private bool cleared;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (nodes.IsAlone)
            return;
        counter = time.GetUtcNow().ToUnixTimeMilliseconds();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ClearAsync(stoppingToken);
                    await TellAsync(stoppingToken);
                    await HearAsync(stoppingToken);
                    fails = false;
                }
                catch (StorageException away)
                {
                    // Nobody knows what was written: everything is told again.
                    told.Clear();
                    if (!fails)
                        LogNotExchanged(away);
                    fails = true;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    /// <summary>Once: what this node said in an earlier run, and what nodes said that are gone for a day.</summary>
    private async Task ClearAsync(CancellationToken cancellation)
    {
        if (cleared)
            return;
        await database.WriteSharedAsync(
            (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
                """
                DELETE FROM endpoint_health WHERE node_id = @node
                OR node_id NOT IN (SELECT id FROM nodes WHERE valid_until > clock_timestamp() - INTERVAL '1 day')
                """,
                new { node = nodes.NodeId.Value }, transaction, cancellationToken: cancellation)),
            "clearing what nodes told of endpoints", cancellation);
        cleared = true;
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        var all = ++round % RoundsToTellAll == 0 || told.Count == 0;
        var news = new List<(string Endpoint, byte[] Report)>();
        foreach (var monitor in book.Monitors)
        {
            if (news.Count >= MostPerRound || !monitor.TryReport(all, out var report))
                continue;
            var bytes = report.ToBytes();
            if (told.TryGetValue(monitor.Endpoint.Id, out var before) && before.AsSpan().SequenceEqual(bytes))
                continue;
            told[monitor.Endpoint.Id] = bytes;
            news.Add((monitor.Endpoint.Id, bytes));
        }

        if (news.Count == 0)
            return;
        counter++;
        await database.WriteSharedAsync(
            (connection, transaction) => WriteAsync(connection, transaction, news, cancellation),
            "telling the other nodes how endpoints are doing", cancellation);
    }

    private Task<int> WriteAsync(DbConnection connection, DbTransaction transaction, List<(string Endpoint, byte[] Report)> news, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO endpoint_health (node_id, endpoint_id, said, report, at)
            SELECT @node, endpoint, @said, report, clock_timestamp() FROM unnest(@endpoints, @reports) AS news (endpoint, report)
            ON CONFLICT (node_id, endpoint_id) DO UPDATE SET said = EXCLUDED.said, report = EXCLUDED.report, at = EXCLUDED.at
            """,
            new { node = nodes.NodeId.Value, said = counter, endpoints = news.ConvertAll(n => n.Endpoint).ToArray(), reports = news.ConvertAll(n => Convert.ToBase64String(n.Report)).ToArray() },
            transaction, cancellationToken: cancellation));

    private async Task HearAsync(CancellationToken cancellation)
    {
        var live = nodes.LiveNodes;
        foreach (var gone in heard.Keys.Where(node => !live.Contains(node)).ToList())
        {
            heard.Remove(gone);
            book.Forget(gone);
        }

        if (live.Count == 0)
            return;
        var ids = live.ToArray();
        var since = Array.ConvertAll(ids, node => heard.GetValueOrDefault(node));
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<(string Node, string Endpoint, long Said, string Report, long AgeMs)>(new CommandDefinition(
                """
                SELECT h.node_id, h.endpoint_id, h.said, h.report, GREATEST(0, (EXTRACT(EPOCH FROM clock_timestamp() - h.at) * 1000)::BIGINT)
                FROM unnest(@ids, @since) AS seen (id, said) JOIN endpoint_health h ON h.node_id = seen.id AND h.said > seen.said
                ORDER BY h.said
                """,
                new { ids, since }, cancellationToken: cancellation)),
            "hearing from the other nodes how endpoints are doing");
        foreach (var (node, endpoint, said, text, age) in rows)
        {
            heard[node] = said;
            if (HealthReport.Read(text) is { } report)
                book.Hear(node, endpoint, report, (int)Math.Min(age, int.MaxValue));
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "How endpoints are doing cannot be exchanged with the other nodes; it is tried again every second.")]
    private partial void LogNotExchanged(StorageException failure);
}
