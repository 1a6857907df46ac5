using Fairlead.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>The right to use the one write connection; given back by <see cref="Dispose"/>.</summary>
public readonly struct WriteLease : IDisposable
{
    private readonly SemaphoreSlim _gate;
    private readonly WalCheckpointer _checkpointer;

    internal WriteLease(SqliteConnection connection, SemaphoreSlim gate, WalCheckpointer checkpointer)
    {
        Connection = connection;
        _gate = gate;
        _checkpointer = checkpointer;
    }

    /// <summary>The write connection. Not to be used after <see cref="Dispose"/>.</summary>
    public SqliteConnection Connection { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Release();
        _checkpointer.NoteCommit();
    }
}
