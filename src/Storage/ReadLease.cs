using System.Data.Common;

namespace Fairlead.Storage;

/// <summary>A connection that can only read, borrowed from the pool; given back by <see cref="Dispose"/>.</summary>
public readonly struct ReadLease : IDisposable
{
    private readonly IDatabaseEngine _engine;
    private readonly bool _inSnapshot;

    internal ReadLease(DbConnection connection, IDatabaseEngine engine, bool inSnapshot)
    {
        Connection = connection;
        _engine = engine;
        _inSnapshot = inSnapshot;
    }

    /// <summary>The connection. Not to be used after <see cref="Dispose"/>.</summary>
    public DbConnection Connection { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_inSnapshot)
        {
            _engine.CloseSnapshot(Connection);
        }
        else
        {
            _engine.CloseReader(Connection);
        }
    }
}
