namespace Fairlead.Ledger.Settlement;

/// <summary>What became of the intents and deletions of a batch; its settlements were told themselves.</summary>
internal enum CommitResult
{
    /// <summary>They are in the database.</summary>
    Written = 0,
    /// <summary>They are not.</summary>
    NotWritten = 1,
    /// <summary>They may be: the database was lost in that moment.</summary>
    Unknown = 2,
}
