using System.Data.Common;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Nodes;

namespace Fairlead.Storage;

/// <summary>
/// What differs between the engines behind <see cref="Database"/>: connections, transactions, failures, and how a change by another process is noticed. The
/// SQL of the rooms is portable or stands side by side in the room.
/// </summary>
internal interface IDatabaseEngine : IDisposable
{
    /// <summary>Checks the database and brings its tables to the newest version, under a lock.</summary>
    void Migrate(IEnumerable<MigrationSet> migrations, TimeProvider clock);

    /// <summary>Tables that <see cref="Migrate"/> had no time to check whole.</summary>
    IReadOnlyList<string> PartlyChecked { get; }

    /// <summary>A connection that can only read.</summary>
    DbConnection OpenReader();

    /// <summary>As <see cref="OpenReader"/>, without blocking where the engine is across a network.</summary>
    ValueTask<DbConnection> OpenReaderAsync();

    /// <summary>As <see cref="OpenReader"/>, in a transaction whose reads all see one commit.</summary>
    DbConnection OpenSnapshot();

    /// <summary>Gives back a connection of <see cref="OpenReader"/>.</summary>
    void CloseReader(DbConnection connection);

    /// <summary>Gives back a connection of <see cref="OpenSnapshot"/>, its transaction ended.</summary>
    void CloseSnapshot(DbConnection connection);

    /// <summary>A connection that writes. Only whoever holds the write lease asks.</summary>
    DbConnection OpenWriter();

    /// <summary>Gives it back; something may have been committed on it.</summary>
    void CloseWriter(DbConnection connection);

    /// <summary>
    /// One write transaction, which no other <see cref="WriteAsync"/> of any process overlaps; <paramref name="committed"/> runs after its commit. Only
    /// whoever holds the write lease asks.
    /// </summary>
    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, Action<T>? committed, CancellationToken cancellationToken);

    /// <summary>
    /// Whether another process wrote since the last call. Only whoever holds the write lease asks where <see cref="WatchesOnTheWriter"/> says so.
    /// </summary>
    Task<bool> ChangedByOthersAsync(CancellationToken cancellationToken);

    /// <summary><see cref="ChangedByOthersAsync"/> looks through the write connection.</summary>
    bool WatchesOnTheWriter { get; }

    /// <summary>Waits until another look is worth while: a sign that something changed, or the time of <see cref="DatabaseOptions.ForeignChangePollMs"/>.</summary>
    Task WaitForSignAsync(TimeProvider clock, CancellationToken cancellationToken);

    /// <summary>
    /// One transaction beside the write lease and beside <see cref="WriteAsync"/>, on a pool of its own; run again when it loses against another. Not on SQLite.
    /// </summary>
    Task<T> WriteSharedAsync<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>A session in which this process is a node among others; <paramref name="hear"/> gets what they say. Not on SQLite.</summary>
    INodeSession OpenNode(NodeId node, string run, TimeProvider clock, Action<string> hear);

    /// <summary>The failure behind an exception of the driver, in words for the operator.</summary>
    StorageException Explain(DbException cause, string what);
}
