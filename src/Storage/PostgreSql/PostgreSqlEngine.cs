using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Nodes;
using Npgsql;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// A PostgreSQL server behind pools of connections: one that cannot write, one that can, one whose queries may take as long as they like (snapshots). Every wait
/// is bounded: for a connection, for a lock, for an answer.
/// </summary>
internal sealed class PostgreSqlEngine : IDatabaseEngine
{
    /// <summary>The oldest version that is tested.</summary>
    private static readonly Version Oldest = new(15, 0);

    /// <summary>How long to wait for a connection, in seconds, where the address does not say.</summary>
    private const int ConnectSeconds = 5;

    /// <summary>How long to wait for an answer, in seconds, where the address does not say.</summary>
    private const int CommandSeconds = 30;

    /// <summary>How often a transaction is run again that lost against another.</summary>
    private const int MostAttempts = 5;

    /// <summary>Connections for short transactions beside the write lease.</summary>
    private const int SharedConnections = 8;

    private readonly NpgsqlDataSource _reading;
    private readonly NpgsqlDataSource _writing;
    private readonly NpgsqlDataSource _snapshots;
    private readonly NpgsqlDataSource _shared;
    private readonly PostgreSqlChanges _changes;
    private readonly string _node;
    private readonly LostSessions _lost = new();

    private PostgreSqlEngine(DatabaseAddress address, DatabaseOptions options)
    {
        var patience = Math.Max(1, options.BusyTimeoutSeconds * 1000);
        // A session that dies with a transaction open, or whose machine does, must not hold its locks for long.
        var session = $"-c lock_timeout={patience} -c idle_in_transaction_session_timeout=15000";
        _writing = Source(address, session, static _ => { });
        _reading = Source(address, session + " -c default_transaction_read_only=on", static _ => { });
        _snapshots = Source(
            address, $"-c lock_timeout={patience} -c default_transaction_read_only=on -c statement_timeout=0",
            static builder => (builder.CommandTimeout, builder.MaxPoolSize) = (0, 4));
        // A machine that vanished is given up by the server within seconds.
        const string KeepAlive = " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3";
        // Whoever waits for these waits with a request in hand, or for the lease that lets the node promise anything.
        _node = Settings(address, session + KeepAlive, static builder => (builder.Pooling, builder.Timeout, builder.CommandTimeout) = (false, 2, 4)).ConnectionString;
        _shared = Source(address, session, static builder => (builder.MaxPoolSize, builder.Timeout, builder.CommandTimeout) = (SharedConnections, 4, 4));
        _changes = new PostgreSqlChanges(Settings(address, session, static builder => builder.Pooling = false), options);
    }

    /// <inheritdoc/>
    public bool WatchesOnTheWriter => false;

    /// <inheritdoc/>
    // The server checks its own pages as it reads them.
    public IReadOnlyList<string> PartlyChecked => [];

    /// <summary>Connects, and refuses a server or a database that cannot be used. Throws <see cref="DbException"/> and <see cref="StorageException"/>.</summary>
    public static PostgreSqlEngine Open(DatabaseAddress address, DatabaseOptions options)
    {
        var engine = new PostgreSqlEngine(address, options);
        try
        {
            using var connection = (NpgsqlConnection)engine.OpenWriter();
            Check(connection.PostgreSqlVersion, connection.PostgresParameters.GetValueOrDefault("server_encoding"), address.Location);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Migrate(IEnumerable<MigrationSet> migrations, TimeProvider clock)
    {
        using (var connection = OpenWriter())
        {
            using var transaction = connection.BeginTransaction();
            // Whoever migrates first may take a while; the others wait for it.
            connection.Execute(
                $"SET LOCAL lock_timeout = 60000; SELECT pg_advisory_xact_lock({PostgreSqlLock.Space}, {PostgreSqlLock.Migration})",
                transaction: transaction, commandTimeout: 90);
            Migrator.Apply(connection, transaction, DatabaseEngine.PostgreSql, migrations, clock);
            transaction.Commit();
        }

        // Before anybody reads what the notices are about, so that none is missed.
        _changes.Open();
    }

    /// <inheritdoc/>
    public DbConnection OpenReader() => Open(_reading);

    /// <inheritdoc/>
    public async ValueTask<DbConnection> OpenReaderAsync()
    {
        try
        {
            return await _reading.OpenConnectionAsync();
        }
        catch (Exception failure) when (failure is SocketException or IOException or TimeoutException)
        {
            throw new NpgsqlException(failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public DbConnection OpenSnapshot()
    {
        var connection = Open(_snapshots);
        try
        {
            connection.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void CloseReader(DbConnection connection) => connection.Dispose();

    /// <inheritdoc/>
    // The pool ends the transaction.
    public void CloseSnapshot(DbConnection connection) => connection.Dispose();

    /// <inheritdoc/>
    public DbConnection OpenWriter()
    {
        var connection = Open(_writing);
        try
        {
            _lost.Begin(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void CloseWriter(DbConnection connection)
    {
        _lost.End((NpgsqlConnection)connection);
        connection.Dispose();
    }

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> work, Action<T>? committed, CancellationToken cancellationToken)
    {
        await using var connection = await _writing.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // The lock is held until the commit, and the notice is sent by it.
        await connection.ExecuteAsync(new CommandDefinition(
            $"SELECT pg_advisory_xact_lock({PostgreSqlLock.Space}, {PostgreSqlLock.Write}); SELECT pg_notify('{PostgreSqlChanges.Channel}', @Own)",
            new { _changes.Own }, transaction, cancellationToken: cancellationToken));
        var result = await work(connection, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        committed?.Invoke(result);
        return result;
    }

    /// <inheritdoc/>
    public Task<bool> ChangedByOthersAsync(CancellationToken cancellationToken) => _changes.TakeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task WaitForSignAsync(TimeProvider clock, CancellationToken cancellationToken) => _changes.WaitAsync(clock, cancellationToken);

    /// <inheritdoc/>
    public async Task<T> WriteSharedAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await _shared.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var result = await work(connection, transaction);
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            }
            catch (DbException failure) when (PostgreSqlFailures.IsTransient(failure) && attempt < MostAttempts)
            {
                // It lost against another transaction and nothing of it remains.
            }
            catch (Exception failure) when (failure is SocketException or IOException or TimeoutException)
            {
                throw new NpgsqlException(failure.Message, failure);
            }
        }
    }

    /// <inheritdoc/>
    public INodeSession OpenNode(NodeId node, string run, TimeProvider clock, Action<string> hear) => new PostgreSqlNode(_node, _shared, node, run, clock, hear);

    /// <inheritdoc/>
    public StorageException Explain(DbException cause, string what) => PostgreSqlFailures.Explain(cause, what);

    /// <inheritdoc/>
    public void Dispose()
    {
        _changes.Dispose();
        _reading.Dispose();
        _snapshots.Dispose();
        _shared.Dispose();
        _writing.Dispose();
    }

    /// <summary>Refuses a server that is too old, or a database whose encoding cannot hold every text.</summary>
    internal static void Check(Version version, string? encoding, string location)
    {
        if (version < Oldest)
        {
            throw new StorageException(
                StorageFailure.TooOld, $"The server of the database at {location} is PostgreSQL {version}; Fairlead needs {Oldest.Major} or newer.");
        }

        if (encoding is not (null or "UTF8"))
        {
            throw new StorageException(
                StorageFailure.CannotOpen,
                $"The database at {location} has the encoding {encoding}, which cannot hold every text. Make one with \"createdb --encoding=UTF8 --template=template0\".");
        }
    }

    private static NpgsqlDataSource Source(DatabaseAddress address, string session, Action<NpgsqlConnectionStringBuilder> adjust) =>
        NpgsqlDataSource.Create(Settings(address, session, adjust));

    private static NpgsqlConnectionStringBuilder Settings(DatabaseAddress address, string session, Action<NpgsqlConnectionStringBuilder> adjust)
    {
        var builder = new NpgsqlConnectionStringBuilder(address.ConnectionString);
        SetUnlessGiven(builder, "Timeout", ConnectSeconds);
        SetUnlessGiven(builder, "Command Timeout", CommandSeconds);
        SetUnlessGiven(builder, "Application Name", "fairlead");
        SetUnlessGiven(builder, "Max Auto Prepare", 100);
        SetUnlessGiven(builder, "Auto Prepare Min Usages", 2);
        // Sessions are ours alone and change no setting outside a transaction.
        SetUnlessGiven(builder, "No Reset On Close", true);
        builder.Options = $"{builder.Options} {session}".Trim();
        adjust(builder);
        return builder;
    }

    private static void SetUnlessGiven(NpgsqlConnectionStringBuilder builder, string keyword, object value)
    {
        if (!builder.ShouldSerialize(keyword))
        {
            builder[keyword] = value;
        }
    }

    private static NpgsqlConnection Open(NpgsqlDataSource source)
    {
        try
        {
            return source.OpenConnection();
        }
        catch (Exception failure) when (failure is SocketException or IOException or TimeoutException)
        {
            // One kind of exception for whoever explains it.
            throw new NpgsqlException(failure.Message, failure);
        }
    }
}
