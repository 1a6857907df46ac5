using Dapper;
using Fairlead.Storage.PostgreSql;
using Npgsql;
using SQLitePCL;

namespace Fairlead.Storage.Transfer;

/// <summary>Tells whether a gateway uses a database, before it is opened.</summary>
public static class DatabaseUse
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A sentence about who uses the database; null when nobody does. Waits a few seconds for one that is about to go: a command, or a gateway that was killed
    /// a moment ago. Throws <see cref="StorageException"/> when that cannot be known.
    /// </summary>
    /// <param name="address">Which database. A file that is not there is used by nobody.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string?> FindAsync(DatabaseAddress address, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var user = address.Engine is DatabaseEngine.PostgreSql ? await FindNodeAsync(address, cancellationToken) : FindOpenFile(address);
            if (user is null || TimeProvider.System.GetElapsedTime(began) > patience)
            {
                return user;
            }

            await Task.Delay(Between, cancellationToken);
        }
    }

    /// <summary>Whoever has a WAL database open holds a shared lock on the file, so an exclusive one is had by nobody else.</summary>
    private static string? FindOpenFile(DatabaseAddress address)
    {
        if (new FileInfo(address.Location) is not { Exists: true, Length: > 0 })
        {
            return null;
        }

        Batteries_V2.Init();
        var opened = raw.sqlite3_open_v2(address.Location, out var probe, raw.SQLITE_OPEN_READWRITE, null);
        using (probe)
        {
            // The mode must be set before the file is first read, else no lock on the file itself is asked for; the library reads while it opens.
            foreach (var statement in (string[])["PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE", "ROLLBACK"])
            {
                opened = opened == raw.SQLITE_OK ? raw.sqlite3_exec(probe, statement) : opened;
            }

            return (opened & 0xff) switch
            {
                raw.SQLITE_OK => null,
                raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"Another program has the database at {address.Location} open: a gateway that serves from it, or a command.",
                _ => throw Sqlite.SqliteFailures.Explain(opened, raw.sqlite3_errmsg(probe).utf8_to_string(), $"opening the database at {address.Location}"),
            };
        }
    }

    /// <summary>A node holds a lock while its process lives, and a lease for some seconds beyond.</summary>
    private static async Task<string?> FindNodeAsync(DatabaseAddress address, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            var locked = await connection.ExecuteScalarAsync<long>(
                $"""
                SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {PostgreSqlLock.NodeSpace}
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """);
            var host = await connection.ExecuteScalarAsync<bool>("SELECT to_regclass('nodes') IS NOT NULL")
                ? await connection.ExecuteScalarAsync<string?>("SELECT host FROM nodes WHERE valid_until > clock_timestamp() LIMIT 1")
                : null;
            return locked == 0 && host is null ? null : $"A gateway{(host is null ? "" : $" on {host}")} serves from the database at {address.Location}.";
        }
        catch (Exception failure) when (failure is NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException)
        {
            throw PostgreSqlFailures.Explain(failure as NpgsqlException ?? new NpgsqlException(failure.Message, failure), $"opening the database at {address.Location}");
        }
    }
}
