using System.Data.Common;
using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Nodes;
using Fairlead.Storage.PostgreSql;
using Fairlead.Storage.Sqlite;

namespace Fairlead.Storage;

/// <summary>
/// The open database, on either engine: any number of readers, one writer per process. Readers see the last commit and never wait for the writer. Everything
/// that writes in this process takes its turn at the write lease; on PostgreSQL other nodes write at the same time, except in <see cref="WriteAsync"/>, which
/// runs one at a time over all of them. Thread-safe.
/// </summary>
public sealed class Database : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly IDatabaseEngine _engine;
    private bool _disposed;

    private Database(DatabaseAddress address, DatabaseOptions options, IDatabaseEngine engine)
    {
        Address = address;
        Options = options;
        _engine = engine;
    }

    /// <summary>Where it is.</summary>
    public DatabaseAddress Address { get; }

    /// <summary>Which kind it is, for SQL that differs.</summary>
    public DatabaseEngine Engine => Address.Engine;

    /// <summary>Tables of a large SQLite file that opening it had no time to look at whole for damage; <c>ledger verify</c> looks at everything.</summary>
    public IReadOnlyList<string> PartlyChecked => _engine.PartlyChecked;

    /// <summary>How it was opened.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>
    /// Opens the database (an SQLite file and its folder are made where missing), checks it for damage and brings its tables to the newest version. Throws
    /// <see cref="StorageException"/> with a sentence for the operator when that is not possible.
    /// </summary>
    public static Database Open(DatabaseAddress address, DatabaseOptions options, IEnumerable<MigrationSet> migrations, TimeProvider clock)
    {
        var what = $"opening the database at {address.Location}";
        IDatabaseEngine? engine = null;
        try
        {
            engine = address.Engine is DatabaseEngine.PostgreSql ? PostgreSqlEngine.Open(address, options) : SqliteEngine.Open(address, options);
            engine.Migrate(migrations, clock);
            return new Database(address, options, engine);
        }
        catch (DbException failure)
        {
            engine?.Dispose();
            throw Explain(address.Engine, failure, what);
        }
        catch
        {
            engine?.Dispose();
            throw;
        }
    }

    /// <summary>Borrows a connection that can only read. Dispose it soon: an open read keeps an SQLite WAL from being recycled.</summary>
    public ReadLease Read()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(Opened(_engine.OpenReader), _engine, inSnapshot: false);
    }

    /// <summary>As <see cref="Read"/>, and every read of the lease sees the same commit, however long it takes.</summary>
    public ReadLease ReadSnapshot()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(Opened(_engine.OpenSnapshot), _engine, inSnapshot: true);
    }

    /// <summary>Runs a query on a reading connection. Throws <see cref="StorageException"/> when the database refuses.</summary>
    /// <param name="query">Its statements; what they return is the result.</param>
    /// <param name="what">Completes "… failed" in errors: "reading API keys".</param>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> query, string what)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            var connection = await _engine.OpenReaderAsync();
            using var lease = new ReadLease(connection, _engine, inSnapshot: false);
            return await query(connection);
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, what);
        }
    }

    /// <summary>
    /// Takes the right to write for the settlement path, blocking until it is free. Raw: the holder runs its own BEGIN and COMMIT.
    /// </summary>
    public WriteLease Lease()
    {
        _gate.Wait();
        return new(_engine, _gate);
    }

    /// <summary>
    /// Reads on a connection that writes, holding the write lease: nothing this process commits comes between the read and the return of
    /// <paramref name="read"/>, so memory that every commit of this process updates can be filled from it. Blocks until the lease is free. On PostgreSQL other
    /// nodes may commit meanwhile. Throws <see cref="StorageException"/> when the database refuses.
    /// </summary>
    public T ReadAtWriter<T>(Func<DbConnection, T> read, string what)
    {
        using var lease = Lease();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return read(lease.Connection);
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, what);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in one write transaction: committed when it returns, rolled back when it throws. One at a time over all processes, so what
    /// it reads in tables that only such work writes cannot change under it. Not for the hot path. Throws <see cref="StorageException"/> when the database
    /// refuses. SQLite runs the work on the calling thread.
    /// </summary>
    /// <param name="work">Its statements; what they return is the result. It uses only the connection it is given: asking the database again would wait for
    /// itself.</param>
    /// <param name="what">Completes "… failed" in errors: "adding credits".</param>
    /// <param name="committed">Runs after the commit and before anybody else of this process may write: where memory takes over what was written.</param>
    /// <param name="cancellationToken">Ends the wait for the write lease.</param>
    public async Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> work, string what, Action<T>? committed = null, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await _engine.WriteAsync(work, committed, cancellationToken);
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, what);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// PostgreSQL only: runs <paramref name="work"/> in one short transaction beside the write lease and beside every other writer, on a few connections of its
    /// own, so it waits for nobody but rows it touches. Run again when it loses against another transaction. Sends no notice of a change. Throws
    /// <see cref="StorageException"/> when the database refuses; it may have been committed then, if the connection was lost in that moment.
    /// </summary>
    /// <param name="work">Its statements, which take locks in the order every other transaction takes them; what they return is the result.</param>
    /// <param name="what">Completes "… failed" in errors: "reserving credits".</param>
    /// <param name="cancellationToken">Ends the wait for a connection.</param>
    public async Task<T> WriteSharedAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, string what, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return await _engine.WriteSharedAsync(work, cancellationToken);
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, what);
        }
    }

    /// <summary>
    /// Whether another process wrote by <see cref="WriteAsync"/> (on SQLite: wrote anything) since the last call, or since the database was opened. True also
    /// when that cannot be known, after a connection was lost.
    /// </summary>
    public async Task<bool> ChangedByOthersAsync(CancellationToken cancellationToken = default)
    {
        var gate = _engine.WatchesOnTheWriter ? _gate : null;
        await (gate?.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await _engine.ChangedByOthersAsync(cancellationToken);
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, "looking for changes by other processes");
        }
        finally
        {
            gate?.Release();
        }
    }

    /// <summary>Whether the database answers a read; for <c>/readyz</c>.</summary>
    public bool IsReachable()
    {
        try
        {
            using var reader = Read();
            return reader.Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM (SELECT 1 FROM schema_versions LIMIT 1) AS present", commandTimeout: 2) >= 0;
        }
        catch (Exception failure) when (failure is DbException or StorageException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Closes every connection.</summary>
    public void Dispose()
    {
        _gate.Wait();
        try
        {
            if (!_disposed)
            {
                _disposed = true;
                _engine.Dispose();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The failure behind an exception of the driver, for who uses a lease.</summary>
    public StorageException Explain(DbException cause, string what) => _engine.Explain(cause, what);

    /// <summary>PostgreSQL only: a session in which this process is <paramref name="node"/>; <paramref name="hear"/> gets what others say.</summary>
    internal INodeSession OpenNode(NodeId node, string run, TimeProvider clock, Action<string> hear) => _engine.OpenNode(node, run, clock, hear);

    /// <summary>Waits until another look by <see cref="ChangedByOthersAsync"/> is worth while.</summary>
    internal Task WaitForSignAsync(TimeProvider clock, CancellationToken cancellationToken) => _engine.WaitForSignAsync(clock, cancellationToken);

    private DbConnection Opened(Func<DbConnection> open)
    {
        try
        {
            return open();
        }
        catch (DbException failure)
        {
            throw _engine.Explain(failure, $"opening the database at {Address.Location}");
        }
    }

    private static StorageException Explain(DatabaseEngine engine, DbException failure, string what) =>
        engine is DatabaseEngine.PostgreSql ? PostgreSqlFailures.Explain(failure, what) : SqliteFailures.Explain((Microsoft.Data.Sqlite.SqliteException)failure, what);
}
