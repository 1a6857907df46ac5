using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// Sessions of the write lease that were lost without a word. The network may still deliver what they were sent, and the server would do it, after everything
/// that was decided since: before another session writes, it ends them. Used by whoever holds the write lease.
/// </summary>
internal sealed class LostSessions
{
    private const int MostWaitMs = 2000;
    private const int CommandSeconds = 4;

    private readonly List<Session> _lost = [];
    private Session _current;

    /// <summary>A session is about to write. What lost ones did until now is done, and they do no more.</summary>
    /// <exception cref="NpgsqlException">The server is not reached: they may still write.</exception>
    public void Begin(NpgsqlConnection connection)
    {
        if (_lost.Count > 0)
        {
            EndThem(connection);
            _lost.Clear();
        }

        _current = new(connection.ProcessID, Stopwatch.GetTimestamp());
    }

    /// <summary>The session that began last is given back, or was lost.</summary>
    public void End(NpgsqlConnection connection)
    {
        if (connection.FullState is ConnectionState.Broken or ConnectionState.Closed)
        {
            _lost.Add(_current);
        }
    }

    /// <summary>A process number is used again: only a session that is as old as our use of it is ours.</summary>
    private void EndThem(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(a.pid, $3)
            FROM pg_stat_activity a JOIN unnest($1::int[], $2::float8[]) l (pid, seconds) ON a.pid = l.pid
            WHERE a.usename = current_user AND a.backend_start <= clock_timestamp() - make_interval(secs => l.seconds)
            """,
            connection)
        {
            CommandTimeout = CommandSeconds,
            Parameters =
            {
                new NpgsqlParameter<int[]> { TypedValue = [.. _lost.Select(static session => session.Process)] },
                new NpgsqlParameter<double[]> { TypedValue = [.. _lost.Select(static session => Stopwatch.GetElapsedTime(session.Since).TotalSeconds)] },
                new NpgsqlParameter<long> { TypedValue = MostWaitMs },
            },
        };
        command.ExecuteNonQuery();
    }

    private readonly record struct Session(int Process, long Since);
}
