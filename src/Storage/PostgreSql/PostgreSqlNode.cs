using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using Fairlead.Storage.Nodes;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// A node's row in <c>nodes</c>, and a session that holds the advisory lock of its id: the server frees that as soon as the process is gone, so a restart need not
/// wait for the old lease to run out. Which process is the node is decided by the row (<c>run</c>); the lock only keeps others from trying.
/// </summary>
internal sealed class PostgreSqlNode(string settings, NpgsqlDataSource shared, NodeId node, string run, TimeProvider clock, Action<string> hear) : INodeSession
{
    private const string Channel = "fairlead_nodes";

    /// <summary>A machine that vanished is given up by the server within so long (keep-alives).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(2);

    private NpgsqlConnection? _session;
    private bool _locked;
    private bool _began;
    private int _process;

    /// <inheritdoc/>
    public async Task BeginAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        try
        {
            var session = _session = await OpenAsync(cancellationToken);
            await WaitForLockAsync(session, cancellationToken);
            await session.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO nodes AS n (id, run, host, started_at_ms, renewals, valid_until)
                VALUES (@node, @run, @host, @now, 0, clock_timestamp() + @length)
                ON CONFLICT (id) DO UPDATE SET
                    run = @run, host = @host, started_at_ms = @now, renewals = n.renewals + 1, valid_until = clock_timestamp() + @length
                """,
                new { node = node.Value, run, host = Environment.MachineName, now = clock.GetUtcNow().ToUnixTimeMilliseconds(), length },
                cancellationToken: cancellationToken));
            _began = true;
        }
        catch (Exception failure) when (IsOfTheWay(failure))
        {
            await DropAsync();
            throw Explain(failure, "registering this node");
        }
    }

    /// <inheritdoc/>
    public async Task<NodeRenewal> RenewAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        try
        {
            var session = _session ??= await OpenAsync(cancellationToken);
            var (ours, others) = await session.QuerySingleAsync<(long, string[])>(new CommandDefinition(
                """
                WITH renewed AS (
                    UPDATE nodes SET renewals = renewals + 1, valid_until = clock_timestamp() + @length WHERE id = @node AND run = @run RETURNING 1)
                SELECT (SELECT COUNT(*) FROM renewed), ARRAY(SELECT id FROM nodes WHERE id <> @node AND valid_until > clock_timestamp() ORDER BY id)
                """,
                new { node = node.Value, run, length }, commandTimeout: 2, cancellationToken: cancellationToken));
            if (ours == 1 && !_locked)
            {
                await LockAgainAsync(session, cancellationToken);
            }

            return new(ours == 1, others);
        }
        catch (Exception failure) when (IsOfTheWay(failure))
        {
            await DropAsync();
            throw Explain(failure, "renewing the lease of this node");
        }
    }

    /// <inheritdoc/>
    public async Task ListenAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            if (_session is { } session)
            {
                // Less than a millisecond would be taken for no limit at all.
                await session.WaitAsync(atMost < Least ? Least : atMost, cancellationToken);
            }
            else
            {
                await Task.Delay(atMost, clock, cancellationToken);
            }
        }
        catch (Exception failure) when (IsOfTheWay(failure))
        {
            await DropAsync();
        }
    }

    /// <inheritdoc/>
    public async Task SendAsync(string message, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await shared.OpenConnectionAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition($"SELECT pg_notify('{Channel}', @message)", new { message }, cancellationToken: cancellationToken));
        }
        catch (Exception failure) when (IsOfTheWay(failure))
        {
            throw Explain(failure, "telling the other nodes");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_began && _session is { } session)
            {
                await session.ExecuteAsync(
                    "UPDATE nodes SET valid_until = clock_timestamp() WHERE id = @node AND run = @run", new { node = node.Value, run }, commandTimeout: 2);
            }
        }
        catch (Exception failure) when (IsOfTheWay(failure))
        {
            // It runs out by itself.
        }

        await DropAsync();
    }

    /// <summary>Until a process that was this node is gone. One that renews meanwhile lives.</summary>
    private async Task WaitForLockAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        long? seen = null;
        while (!(_locked = await TryLockAsync(session, cancellationToken)))
        {
            var (renewals, host) = await session.QuerySingleOrDefaultAsync<(long, string?)>(new CommandDefinition(
                "SELECT renewals, host FROM nodes WHERE id = @node", new { node = node.Value }, cancellationToken: cancellationToken));
            seen ??= renewals;
            if (renewals != seen || clock.GetElapsedTime(began) > Patience)
            {
                throw new StorageException(
                    StorageFailure.NodeInUse,
                    $"Another fairlead{(host is null ? "" : $" on {host}")} already runs as node {node}. Stop it; or, if this data folder is a copy, delete the file node-id in the copy.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
    }

    /// <summary>After a reconnection. A session of ours that the server still believes in is ended, for the next try.</summary>
    private async Task LockAgainAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        _locked = await TryLockAsync(session, cancellationToken);
        if (!_locked)
        {
            await session.ExecuteAsync(new CommandDefinition(
                $"""
                SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {PostgreSqlLock.NodeSpace} AND pid = @_process
                """,
                new { _process }, cancellationToken: cancellationToken));
        }
        else
        {
            _process = session.ProcessID;
        }
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var taken = await session.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"SELECT pg_try_advisory_lock({PostgreSqlLock.NodeSpace}, hashtext(@node))", new { node = node.Value }, cancellationToken: cancellationToken));
        _process = taken ? session.ProcessID : _process;
        return taken;
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        _locked = false;
        // A renewal must not outlast the lease; a start may wait longer for a busy machine.
        var session = new NpgsqlConnection(_began ? settings : new NpgsqlConnectionStringBuilder(settings) { Timeout = 15 }.ConnectionString);
        try
        {
            session.Notification += (_, notice) => hear(notice.Payload);
            await session.OpenAsync(cancellationToken);
            await session.ExecuteAsync(new CommandDefinition($"LISTEN {Channel}", cancellationToken: cancellationToken));
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async ValueTask DropAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            _locked = false;
            await session.DisposeAsync();
        }
    }

    private static bool IsOfTheWay(Exception failure) =>
        failure is DbException or InvalidOperationException or IOException or TimeoutException or SocketException;

    private static StorageException Explain(Exception failure, string what) =>
        PostgreSqlFailures.Explain(failure as DbException ?? new NpgsqlException(failure.Message, failure), what);
}
