using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// Hears of writes by other processes: a connection that listens (LISTEN), and is asked for an answer at every look, so that a dead one is noticed within
/// <see cref="DatabaseOptions.ForeignChangePollMs"/> and replaced. After a gap everything counts as changed. Thread-safe.
/// </summary>
internal sealed class PostgreSqlChanges(NpgsqlConnectionStringBuilder settings, DatabaseOptions options) : IDisposable
{
    /// <summary>Where <see cref="Database.WriteAsync"/> sends its notices.</summary>
    public const string Channel = "fairlead_changes";

    private readonly SemaphoreSlim _use = new(1, 1);
    private readonly string _settings = settings.ConnectionString;
    private NpgsqlConnection? _connection;
    private int _changed;

    /// <summary>What tells our own notices from those of others.</summary>
    public string Own { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Starts to listen.</summary>
    public void Open()
    {
        var connection = Create();
        connection.Open();
        using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
        listen.ExecuteNonQuery();
        _connection = connection;
    }

    /// <summary>Whether others wrote since the last call, or may have. Throws <see cref="NpgsqlException"/> when the server does not answer.</summary>
    public async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        await _use.WaitAsync(cancellationToken);
        try
        {
            // The answer comes after every notice sent before the question.
            var ask = _connection is null ? $"LISTEN {Channel}" : "SELECT 1";
            if (_connection is null)
            {
                _connection = Create();
                await _connection.OpenAsync(cancellationToken);
                Interlocked.Exchange(ref _changed, 1);
            }

            await using var question = new NpgsqlCommand(ask, _connection) { CommandTimeout = 2 };
            await question.ExecuteNonQueryAsync(cancellationToken);
            return Interlocked.Exchange(ref _changed, 0) != 0;
        }
        catch
        {
            Drop();
            throw;
        }
        finally
        {
            _use.Release();
        }
    }

    /// <summary>Waits for a notice, or for the time between looks.</summary>
    public async Task WaitAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var atMost = TimeSpan.FromMilliseconds(options.ForeignChangePollMs);
        if (_connection is not { } connection)
        {
            await Task.Delay(atMost, clock, cancellationToken);
            return;
        }

        await _use.WaitAsync(cancellationToken);
        try
        {
            if (Volatile.Read(ref _changed) == 0)
            {
                await connection.WaitAsync(atMost, cancellationToken);
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // Broken: the next look opens another.
            Drop();
        }
        finally
        {
            _use.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Drop();
        _use.Dispose();
    }

    private NpgsqlConnection Create()
    {
        var connection = new NpgsqlConnection(_settings);
        connection.Notification += (_, notice) =>
        {
            if (notice.Payload != Own)
            {
                Interlocked.Exchange(ref _changed, 1);
            }
        };
        return connection;
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
