namespace Fairlead.Storage;

/// <summary>What went wrong with the database, as far as an operator can act on it.</summary>
public enum StorageFailure
{
    /// <summary>Anything else, a broken rule of the data included.</summary>
    Other = 0,
    /// <summary>The address is not understood.</summary>
    BadAddress = 1,
    /// <summary>The file or its folder cannot be opened, or the server has no such database.</summary>
    CannotOpen = 2,
    /// <summary>The file is damaged or is not a database.</summary>
    Corrupted = 3,
    /// <summary>Another process kept it locked for longer than the busy timeout, or was in the way of the transaction.</summary>
    Locked = 4,
    /// <summary>No space left.</summary>
    DiskFull = 5,
    /// <summary>The file, its folder or the server may not be written.</summary>
    ReadOnly = 6,
    /// <summary>The disk failed to read or write.</summary>
    DiskError = 7,
    /// <summary>The database was made by a newer version of the program.</summary>
    NewerSchema = 8,
    /// <summary>The ledger is closing and takes no more work.</summary>
    Closing = 9,
    /// <summary>The server does not answer, or refuses connections.</summary>
    Unreachable = 10,
    /// <summary>The server does not let this user in, or not do what is needed.</summary>
    AccessDenied = 11,
    /// <summary>The server is older than what this program needs.</summary>
    TooOld = 12,
    /// <summary>The server was lost while it committed, and did not come back in time to say whether it had.</summary>
    OutcomeUnknown = 13,
    /// <summary>Another process runs as the same node.</summary>
    NodeInUse = 14,
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

    /// <summary>A failure while doing <paramref name="what"/>, with what the database said and what to do about it (empty when nobody knows).</summary>
    internal static StorageException Of(StorageFailure failure, string what, string detail, string advice, Exception? cause)
    {
        var tail = advice.Length == 0 ? "." : $": {advice}.";
        return new(failure, $"{char.ToUpperInvariant(what[0])}{what[1..]} failed ({detail}){tail}", cause);
    }
}
