using Dapper;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Sqlite;

/// <summary>
/// Moves committed pages from the WAL into the database file on a thread and connection of its own, every 128 commits. Left to SQLite, the commit that fills
/// the
/// WAL does it, and everybody who waits for that commit waits for two flushes of many megabytes (measured here: 50 to 200 ms). SQLite's own limit stays as the
/// backstop, with little left to move.
/// </summary>
internal sealed class WalCheckpointer
{
    /// <summary>A few megabytes of WAL at usual batches.</summary>
    private const int CommitsBetween = 128;

    private readonly object _lock = new();
    private readonly SqliteConnection _connection;
    private readonly Thread _thread;
    private int _commits;
    private bool _stopping;

    /// <summary>Takes over <paramref name="connection"/>, which is open.</summary>
    public WalCheckpointer(SqliteConnection connection)
    {
        _connection = connection;
        _thread = new Thread(Run) { IsBackground = true, Name = "WAL checkpointer" };
        _thread.Start();
    }

    /// <summary>Somebody may have committed.</summary>
    public void NoteCommit()
    {
        lock (_lock)
        {
            if (++_commits == CommitsBetween)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>Ends the thread, after the checkpoint it is at.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopping = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join();
    }

    private void Run()
    {
        while (WaitForCommits())
        {
            try
            {
                // Passive: waits for nobody and makes nobody wait.
                _connection.Execute("PRAGMA wal_checkpoint(PASSIVE)");
            }
            catch (SqliteException)
            {
                // Nothing is lost: the pages stay in the WAL for the next checkpoint, and a disk that fails or is full is reported by the commits themselves.
                continue;
            }
        }

        _connection.Dispose();
    }

    private bool WaitForCommits()
    {
        lock (_lock)
        {
            while (_commits < CommitsBetween && !_stopping)
            {
                Monitor.Wait(_lock);
            }

            _commits = 0;
            return !_stopping;
        }
    }
}
