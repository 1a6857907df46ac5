using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Nodes;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Sqlite;

/// <summary>
/// One file: any number of reading connections, which see the last commit and never wait for the writer (WAL), and one that writes, so no two of our own
/// writers ever wait for SQLite's lock; other processes are waited for up to <see cref="DatabaseOptions.BusyTimeoutSeconds"/>.
/// </summary>
internal sealed class SqliteEngine : IDatabaseEngine
{
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly DatabaseAddress _address;
    private readonly DatabaseOptions _options;
    private readonly SqliteConnection _writer;
    private WalCheckpointer? _checkpointer;
    private long _dataVersion;

    private SqliteEngine(DatabaseAddress address, DatabaseOptions options, SqliteConnection writer)
    {
        _address = address;
        _options = options;
        _writer = writer;
    }

    /// <inheritdoc/>
    public bool WatchesOnTheWriter => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> PartlyChecked { get; private set; } = [];

    /// <summary>Opens the file, made with its folder where missing, for writing. Throws <see cref="SqliteException"/> and <see cref="StorageException"/>.</summary>
    public static SqliteEngine Open(DatabaseAddress address, DatabaseOptions options)
    {
        SQLitePCL.Batteries_V2.Init();
        CreateFolder(address);
        var writer = new SqliteConnection(ConnectionString(address, options));
        try
        {
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
            return new(address, options, writer);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Migrate(IEnumerable<MigrationSet> migrations, TimeProvider clock)
    {
        PartlyChecked = DamageCheck.Run(_writer, _address.Location, _options);
        using (var transaction = _writer.BeginTransaction(deferred: false))
        {
            Migrator.Apply(_writer, transaction, DatabaseEngine.Sqlite, migrations, clock);
            transaction.Commit();
        }

        _dataVersion = DataVersion();
        _checkpointer = new WalCheckpointer(OpenConnection());
    }

    /// <inheritdoc/>
    public DbConnection OpenReader()
    {
        if (_readers.TryTake(out var pooled))
        {
            return pooled;
        }

        var connection = OpenConnection();
        connection.Execute("PRAGMA query_only = ON");
        return connection;
    }

    /// <inheritdoc/>
    public ValueTask<DbConnection> OpenReaderAsync() => new(OpenReader());

    /// <inheritdoc/>
    public DbConnection OpenSnapshot()
    {
        var connection = OpenReader();
        // Deferred: the library's own transactions would take the write lock.
        connection.Execute("BEGIN DEFERRED");
        return connection;
    }

    /// <inheritdoc/>
    public void CloseReader(DbConnection connection) => _readers.Add((SqliteConnection)connection);

    /// <inheritdoc/>
    public void CloseSnapshot(DbConnection connection)
    {
        connection.Execute("COMMIT");
        CloseReader(connection);
    }

    /// <inheritdoc/>
    public DbConnection OpenWriter() => _writer;

    /// <inheritdoc/>
    public void CloseWriter(DbConnection connection) => _checkpointer!.NoteCommit();

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> work, Action<T>? committed, CancellationToken cancellationToken)
    {
        using var transaction = _writer.BeginTransaction(deferred: false);
        var result = await work(_writer, transaction);
        transaction.Commit();
        committed?.Invoke(result);
        _checkpointer!.NoteCommit();
        return result;
    }

    /// <inheritdoc/>
    public Task<bool> ChangedByOthersAsync(CancellationToken cancellationToken)
    {
        // SQLite has no notification; this number changes exactly when somebody else committed.
        var version = DataVersion();
        var changed = version != _dataVersion;
        _dataVersion = version;
        return Task.FromResult(changed);
    }

    /// <inheritdoc/>
    public Task WaitForSignAsync(TimeProvider clock, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(_options.ForeignChangePollMs), clock, cancellationToken);

    /// <inheritdoc/>
    public Task<T> WriteSharedAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("An SQLite file has one writer: use WriteAsync.");

    /// <inheritdoc/>
    public INodeSession OpenNode(NodeId node, string run, TimeProvider clock, Action<string> hear) =>
        throw new InvalidOperationException("An SQLite file has one node.");

    /// <inheritdoc/>
    public StorageException Explain(DbException cause, string what) =>
        cause is SqliteException failure ? SqliteFailures.Explain(failure, what) : StorageException.Of(StorageFailure.Other, what, cause.Message, "", cause);

    /// <summary>Closes every connection; the WAL is merged into the file.</summary>
    public void Dispose()
    {
        _checkpointer?.Stop();
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _writer.Dispose();
    }

    private SqliteConnection OpenConnection()
    {
        var connection = new SqliteConnection(ConnectionString(_address, _options));
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {_options.BusyTimeoutSeconds * 1000}; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
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

    private long DataVersion() => _writer.ExecuteScalar<long>("PRAGMA data_version");
}
