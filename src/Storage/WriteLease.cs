using System.Data.Common;

namespace Fairlead.Storage;

/// <summary>The right of this process to write; given back by <see cref="Dispose"/>. Used by one thread.</summary>
public sealed class WriteLease : IDisposable
{
    private readonly IDatabaseEngine _engine;
    private readonly SemaphoreSlim _gate;
    private DbConnection? _connection;

    internal WriteLease(IDatabaseEngine engine, SemaphoreSlim gate)
    {
        _engine = engine;
        _gate = gate;
    }

    /// <summary>
    /// A connection that writes: on SQLite the only one, on PostgreSQL one of a pool, opened when first asked for. Not to be used after
    /// <see cref="Dispose"/>.
    /// </summary>
    /// <exception cref="DbException">The database cannot be reached.</exception>
    public DbConnection Connection => _connection ??= _engine.OpenWriter();

    /// <summary>Gives the connection up, which was lost; the next <see cref="Connection"/> is another. Not on SQLite.</summary>
    public void Reconnect()
    {
        if (_connection is { } lost)
        {
            _connection = null;
            _engine.CloseWriter(lost);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_connection is { } connection)
        {
            _engine.CloseWriter(connection);
        }

        _gate.Release();
    }
}
