using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Sqlite;

/// <summary>What an SQLite result code means for the operator (https://www.sqlite.org/rescode.html).</summary>
internal static class SqliteFailures
{
    /// <summary>The failure behind an exception while doing <paramref name="what"/> ("opening the database at …").</summary>
    public static StorageException Explain(SqliteException cause, string what) => Explain(cause.SqliteErrorCode, cause.Message, what, cause);

    /// <summary>The failure behind a result code.</summary>
    public static StorageException Explain(int code, string detail, string what, Exception? cause = null)
    {
        var (failure, advice) = (code & 0xff) switch
        {
            5 or 6 => (StorageFailure.Locked, "another process holds the database; stop it or wait, then try again"),
            8 => (StorageFailure.ReadOnly, "the file and its folder must be writable by this user"),
            10 => (StorageFailure.DiskError, "the disk failed; look at the system log, then restart"),
            11 or 26 => (StorageFailure.Corrupted, "the file is damaged or is not a Fairlead database; restore it from a backup"),
            13 => (StorageFailure.DiskFull, "the disk is full; free some space, nothing already charged is lost"),
            14 => (StorageFailure.CannotOpen, "check that the folder exists and that this user may read and write it"),
            _ => (StorageFailure.Other, ""),
        };
        return StorageException.Of(failure, what, $"SQLite {code}: {detail}", advice, cause);
    }
}
