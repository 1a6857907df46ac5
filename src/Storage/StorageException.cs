using Microsoft.Data.Sqlite;

namespace Fairlead.Storage;

/// <summary>What went wrong with the database, as far as an operator can act on it.</summary>
public enum StorageFailure
{
    /// <summary>Anything else, a broken rule of the data included.</summary>
    Other = 0,
    /// <summary>The address is not understood or names an engine this version does not offer.</summary>
    BadAddress = 1,
    /// <summary>The file or its folder cannot be opened.</summary>
    CannotOpen = 2,
    /// <summary>The file is damaged or is not a database.</summary>
    Corrupted = 3,
    /// <summary>Another process kept it locked for longer than the busy timeout.</summary>
    Locked = 4,
    /// <summary>No space left.</summary>
    DiskFull = 5,
    /// <summary>The file or its folder may not be written.</summary>
    ReadOnly = 6,
    /// <summary>The disk failed to read or write.</summary>
    DiskError = 7,
    /// <summary>The database was made by a newer version of the program.</summary>
    NewerSchema = 8,
    /// <summary>The ledger is closing and takes no more work.</summary>
    Closing = 9,
}

/// <summary>The database could not do what was asked. The message says what failed and what to do about it, and holds no data.</summary>
public sealed class StorageException : Exception
{
    /// <summary>A failure of kind <see cref="StorageFailure.Other"/>.</summary>
    public StorageException()
    {
    }

    /// <summary>A failure of kind <see cref="StorageFailure.Other"/>.</summary>
    public StorageException(string message) : base(message)
    {
    }

    /// <summary>A failure of kind <see cref="StorageFailure.Other"/>.</summary>
    public StorageException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>A failure of a known kind.</summary>
    public StorageException(StorageFailure failure, string message, Exception? inner = null) : base(message, inner) => Failure = failure;

    /// <summary>What kind of failure.</summary>
    public StorageFailure Failure { get; }

    /// <summary>
    /// True when the cause is the database or the machine and not the row being written: writing the same rows one by one would fail the same way.
    /// </summary>
    public bool ConcernsTheWholeDatabase => Failure is not (StorageFailure.Other or StorageFailure.DiskFull);

    /// <summary>The failure behind an SQLite exception while doing <paramref name="what"/> ("opening the database at …").</summary>
    public static StorageException From(SqliteException cause, string what) => FromCode(cause.SqliteErrorCode, cause.Message, what, cause);

    /// <summary>The failure behind an SQLite result code.</summary>
    public static StorageException FromCode(int code, string detail, string what, Exception? cause = null)
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
        var tail = advice.Length == 0 ? "." : $": {advice}.";
        return new(failure, $"{char.ToUpperInvariant(what[0])}{what[1..]} failed (SQLite {code}: {detail}){tail}", cause);
    }
}
