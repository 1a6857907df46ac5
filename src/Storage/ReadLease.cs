using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>A connection that can only read, borrowed from the pool; given back by <see cref="Dispose"/>.</summary>
public readonly struct ReadLease : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly ConcurrentBag<SqliteConnection> _pool;

    private readonly bool _inSnapshot;

    internal ReadLease(SqliteConnection connection, ConcurrentBag<SqliteConnection> pool, bool inSnapshot = false)
    {
        _inSnapshot = inSnapshot;
        _connection = connection;
        _pool = pool;
    }

    /// <summary>The connection. Not to be used after <see cref="Dispose"/>.</summary>
    public DbConnection Connection => _connection;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_inSnapshot)
        {
            _connection.Execute("COMMIT");
        }

        _pool.Add(_connection);
    }
}
