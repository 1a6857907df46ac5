using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// A session that holds <see cref="PostgreSqlLock.Serve"/>. It is asked for an answer every second; when it is lost, another is opened and takes the lock
/// again, unless a different process was first.
/// </summary>
internal sealed class PostgreSqlServing : IServingRight
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <summary>A gateway that was killed a moment ago may still hold the lock: its server has not noticed yet.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string _settings;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watch;
    private NpgsqlConnection? _session;
    private int _process;

    private PostgreSqlServing(string settings, NpgsqlConnection session)
    {
        _settings = settings;
        _session = session;
        _process = session.ProcessID;
        _watch = WatchAsync();
    }

    /// <inheritdoc/>
    public Task Lost => _lost.Task;

    /// <summary>Takes the right; null while another process has it. Throws <see cref="DbException"/> when the server does not answer.</summary>
    public static async Task<PostgreSqlServing?> TryTakeAsync(string settings, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (session, _) = await TryOpenAsync(settings, cancellationToken);
            if (session is not null)
            {
                return new(settings, session);
            }

            if (TimeProvider.System.GetElapsedTime(began) > Patience)
            {
                return null;
            }

            await Task.Delay(200, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        _stop.Dispose();
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested && !_lost.Task.IsCompleted)
        {
            try
            {
                await Task.Delay(Between, _stop.Token);
                if (_session is null)
                {
                    await TakeAgainAsync();
                }
                else
                {
                    await _session.ExecuteAsync(new CommandDefinition("SELECT 1", commandTimeout: 2, cancellationToken: _stop.Token));
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is DbException or InvalidOperationException or IOException or TimeoutException or SocketException)
            {
                // The server is away or ended the session: nobody can settle through it meanwhile, and the next look tries again.
                if (_session is { } broken)
                {
                    _session = null;
                    await broken.DisposeAsync();
                }
            }
        }
    }

    private async Task TakeAgainAsync()
    {
        var (session, holder) = await TryOpenAsync(_settings, _stop.Token, endIfHeldBy: _process);
        if (session is not null)
        {
            _session = session;
            _process = session.ProcessID;
        }
        else if (holder is { } other && other != _process)
        {
            _lost.TrySetResult();
        }
    }

    /// <summary>
    /// A session with the lock; or none, and the server's process that has it. A session of ours that the server still believes in
    /// (<paramref name="endIfHeldBy"/>) is ended, for the next try.
    /// </summary>
    private static async Task<(NpgsqlConnection? Session, int? Holder)> TryOpenAsync(string settings, CancellationToken cancellationToken, int endIfHeldBy = 0)
    {
        var session = new NpgsqlConnection(settings);
        try
        {
            await session.OpenAsync(cancellationToken);
            if (await session.ExecuteScalarAsync<bool>($"SELECT pg_try_advisory_lock({PostgreSqlLock.Space}, {PostgreSqlLock.Serve})"))
            {
                return (session, null);
            }

            var holder = await session.ExecuteScalarAsync<int?>(
                $"""
                SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {PostgreSqlLock.Space} AND objid = {PostgreSqlLock.Serve}
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """);
            if (holder == endIfHeldBy)
            {
                await session.ExecuteAsync("SELECT pg_terminate_backend(@holder)", new { holder });
            }

            await session.DisposeAsync();
            return (null, holder);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
