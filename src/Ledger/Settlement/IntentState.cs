namespace Fairlead.Ledger.Settlement;

/// <summary>How far the row that names a request in flight has come.</summary>
internal enum IntentState
{
    /// <summary>Waiting for a batch to ride in.</summary>
    Queued = 0,
    /// <summary>In the batch being committed.</summary>
    Writing = 1,
    /// <summary>In the database.</summary>
    Written = 2,
    /// <summary>The request ended; no row is wanted any more.</summary>
    Ended = 3,
}
