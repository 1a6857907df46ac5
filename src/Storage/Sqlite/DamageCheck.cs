using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fairlead.Storage.Sqlite;

/// <summary>
/// Looks for damaged pages before anything is written: at every page of a small file, at as many as time allows of a large one. There each table with its
/// indexes gets a slice first, so that a large one does not keep a small one from being looked at, and what is left of the time after that.
/// </summary>
internal static class DamageCheck
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    /// <summary>Throws <see cref="StorageException"/> naming the check that failed and how to restore.</summary>
    /// <returns>Tables that there was no time to look at whole; none where everything was.</returns>
    public static IReadOnlyList<string> Run(SqliteConnection connection, string path, DatabaseOptions options)
    {
        if (new FileInfo(path) is not { Exists: true, Length: > 0 } file || options.CheckSeconds == 0)
        {
            return [];
        }

        if (file.Length <= options.CheckFilesUpTo)
        {
            Judge(path, "quick_check", connection.ExecuteScalar<string>("PRAGMA quick_check(1)"));
            return [];
        }

        var end = TimeProvider.System.GetTimestamp() + (long)(options.CheckSeconds * TimeProvider.System.TimestampFrequency);
        var tables = connection.Query<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").AsList();
        TimeSpan Remaining() => TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), end);
        var left = tables.Where(table => !TryCheck(connection, path, table, Remaining() is var rest && rest < Slice ? rest : Slice)).ToList();
        return [.. left.Where(table => !TryCheck(connection, path, table, Remaining()))];
    }

    /// <returns>False when the time was over before the end of the table.</returns>
    private static bool TryCheck(SqliteConnection connection, string path, string table, TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
        {
            return false;
        }

        using var over = new CancellationTokenSource(time);
        using var interrupting = over.Token.Register(() => raw.sqlite3_interrupt(connection.Handle));
        try
        {
            Judge(path, $"quick_check({table})", connection.ExecuteScalar<string>($"PRAGMA quick_check(\"{table}\")"));
            return true;
        }
        catch (SqliteException interrupted) when (interrupted.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return false;
        }
    }

    private static void Judge(string path, string check, string? verdict)
    {
        if (verdict is not "ok")
        {
            throw new StorageException(
                StorageFailure.Corrupted,
                $"The database at {path} is damaged (PRAGMA {check}: {verdict}). Nothing was changed. Restore the newest backup of the file, "
                + "or recover what is readable with the sqlite3 tool's \".recover\" into a new file, and run \"fairlead ledger verify\" on it.");
        }
    }
}
