using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>
/// The open database: any number of readers, one writer. Readers see the last commit and never wait for the writer (WAL). Everything that writes in this
/// process takes its turn at the one write connection, so no two of our own writers ever wait for SQLite's lock; other processes are waited for up to
/// <see cref="DatabaseOptions.BusyTimeoutSeconds"/>. Thread-safe.
/// </summary>
public sealed class Database : IDisposable
{
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SqliteConnection _writer;
    private readonly WalCheckpointer _checkpointer;
    private long _dataVersion;
    private bool _disposed;

    private Database(DatabaseAddress address, DatabaseOptions options, SqliteConnection writer)
    {
        Address = address;
        Options = options;
        _writer = writer;
        _checkpointer = new WalCheckpointer(OpenConnection(address, options));
    }

    /// <summary>Where it is.</summary>
    public DatabaseAddress Address { get; }

    /// <summary>How it was opened.</summary>
    public DatabaseOptions Options { get; }

    /// <summary>
    /// Opens the database, creating folder and file where missing, checks it for damage and brings its tables to the newest version. Throws
    /// <see cref="StorageException"/> with a sentence for the operator when that is not possible.
    /// </summary>
    public static Database Open(DatabaseAddress address, DatabaseOptions options, IEnumerable<MigrationSet> migrations, TimeProvider clock)
    {
        SQLitePCL.Batteries_V2.Init();
        var what = $"opening the database at {address.Location}";
        SqliteConnection? writer = null;
        try
        {
            CreateFolder(address);
            writer = new SqliteConnection(ConnectionString(address, options));
            writer.Open();
            writer.Execute(
                $"""
                PRAGMA busy_timeout = {options.BusyTimeoutSeconds * 1000};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(options.SurvivePowerLoss || address.SurvivePowerLoss ? "FULL" : "NORMAL")};
                PRAGMA wal_autocheckpoint = 16000;
                PRAGMA temp_store = MEMORY;
                PRAGMA foreign_keys = OFF;
                """);
            CheckForDamage(writer, address, options);
            Migrator.Apply(writer, migrations, clock);
            var database = new Database(address, options, writer) { _dataVersion = DataVersion(writer) };
            return database;
        }
        catch (SqliteException failure)
        {
            writer?.Dispose();
            throw StorageException.From(failure, what);
        }
        catch (StorageException)
        {
            writer?.Dispose();
            throw;
        }
    }

    /// <summary>Borrows a connection that can only read. Dispose it soon: an open read keeps the WAL from being recycled.</summary>
    public ReadLease Read()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_readers.TryTake(out var connection) ? connection : OpenReader(), _readers);
    }

    /// <summary>As <see cref="Read"/>, and every read of the lease sees the same commit, however long it takes.</summary>
    public ReadLease ReadSnapshot()
    {
        var connection = _readers.TryTake(out var pooled) ? pooled : OpenReader();
        // Deferred: the library's own transactions would take the write lock.
        connection.Execute("BEGIN DEFERRED");
        return new(connection, _readers, inSnapshot: true);
    }

    /// <summary>Runs a query on a reading connection. Throws <see cref="StorageException"/> when the database refuses.</summary>
    /// <param name="query">Its statements; what they return is the result.</param>
    /// <param name="what">Completes "… failed" in errors: "reading API keys".</param>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> query, string what)
    {
        using var lease = Read();
        try
        {
            return await query(lease.Connection);
        }
        catch (SqliteException failure)
        {
            throw StorageException.From(failure, what);
        }
    }

    /// <summary>
    /// Takes the write connection for the settlement path, blocking until it is free. Raw: the holder runs its own BEGIN and COMMIT.
    /// </summary>
    public WriteLease Lease()
    {
        _gate.Wait();
        return new(_writer, _gate, _checkpointer);
    }

    /// <summary>
    /// Reads on the write connection, blocking until it is free: what is read cannot change before <paramref name="read"/> returns, so memory that every
    /// commit of this process updates can be filled from it. Throws <see cref="StorageException"/> when the database refuses.
    /// </summary>
    public T ReadAtWriter<T>(Func<DbConnection, T> read, string what)
    {
        using var lease = Lease();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return read(lease.Connection);
        }
        catch (SqliteException failure)
        {
            throw StorageException.From(failure, what);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in one write transaction: committed when it returns, rolled back when it throws. Not for the hot path. Throws
    /// <see cref="StorageException"/> when the database refuses. SQLite runs the work on the calling thread.
    /// </summary>
    /// <param name="work">Its statements; what they return is the result. It uses only the connection it is given: asking the database again would wait for
    /// itself.</param>
    /// <param name="what">Completes "… failed" in errors: "adding credits".</param>
    /// <param name="committed">Runs after the commit and before anybody else may write: where memory takes over what was written.</param>
    /// <param name="cancellationToken">Ends the wait for the write connection.</param>
    public async Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> work, string what, Action<T>? committed = null, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var transaction = _writer.BeginTransaction(deferred: false);
            var result = await work(_writer, transaction);
            transaction.Commit();
            committed?.Invoke(result);
            _checkpointer.NoteCommit();
            return result;
        }
        catch (SqliteException failure)
        {
            throw StorageException.From(failure, what);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether another process committed since the last call (or since the database was opened).</summary>
    public async Task<bool> ChangedByOthersAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var version = DataVersion(_writer);
            var changed = version != _dataVersion;
            _dataVersion = version;
            return changed;
        }
        catch (SqliteException failure)
        {
            throw StorageException.From(failure, "looking for changes by other processes");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Whether the database answers a read; for <c>/readyz</c>.</summary>
    public bool IsReachable()
    {
        try
        {
            using var reader = Read();
            return reader.Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM (SELECT 1 FROM schema_versions LIMIT 1)") >= 0;
        }
        catch (Exception failure) when (failure is DbException or StorageException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Closes every connection; the WAL is merged into the file.</summary>
    public void Dispose()
    {
        _gate.Wait();
        try
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _checkpointer.Stop();
            while (_readers.TryTake(out var reader))
            {
                reader.Dispose();
            }

            _writer.Dispose();
        }
        finally
        {
            _gate.Release();
        }
    }

    private SqliteConnection OpenReader()
    {
        var connection = OpenConnection(Address, Options);
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    private static SqliteConnection OpenConnection(DatabaseAddress address, DatabaseOptions options)
    {
        var connection = new SqliteConnection(ConnectionString(address, options));
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {options.BusyTimeoutSeconds * 1000}; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw StorageException.From(failure, $"opening the database at {address.Location}");
        }
    }

    private static void CreateFolder(DatabaseAddress address)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(address.Location)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                StorageFailure.CannotOpen, $"The folder of the database at {address.Location} cannot be made: {failure.Message}", failure);
        }
    }

    private static string ConnectionString(DatabaseAddress address, DatabaseOptions options) => new SqliteConnectionStringBuilder
    {
        DataSource = address.Location,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Cache = SqliteCacheMode.Private,
        // The library takes 0 for "wait for ever".
        DefaultTimeout = Math.Max(1, options.BusyTimeoutSeconds),
        // Ours: the library's pool keeps files open after the database is closed.
        Pooling = false,
    }.ToString();

    private static void CheckForDamage(SqliteConnection connection, DatabaseAddress address, DatabaseOptions options)
    {
        if (new FileInfo(address.Location) is not { Exists: true } file || file.Length == 0 || file.Length > options.CheckFilesUpTo)
        {
            return;
        }

        var verdict = connection.ExecuteScalar<string>("PRAGMA quick_check(1)");
        if (verdict is not "ok")
        {
            throw new StorageException(
                StorageFailure.Corrupted,
                $"The database at {address.Location} is damaged (PRAGMA quick_check: {verdict}). Nothing was changed. Restore the newest backup of the file, "
                + "or recover what is readable with the sqlite3 tool's \".recover\" into a new file, and run \"fairlead ledger verify\" on it.");
        }
    }

    private static long DataVersion(SqliteConnection connection) => connection.ExecuteScalar<long>("PRAGMA data_version");
}
