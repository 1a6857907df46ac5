using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>The right to use the one write connection; given back by <see cref="Dispose"/>.</summary>
public readonly struct WriteLease : IDisposable
{
    private readonly SemaphoreSlim _gate;

    internal WriteLease(SqliteConnection connection, SemaphoreSlim gate)
    {
        Connection = connection;
        _gate = gate;
    }

    /// <summary>The write connection. Not to be used after <see cref="Dispose"/>.</summary>
    public SqliteConnection Connection { get; }

    /// <inheritdoc/>
    public void Dispose() => _gate.Release();
}
