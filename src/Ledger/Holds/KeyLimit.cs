namespace Fairlead.Ledger.Holds;

/// <summary>The span of time a key's limit counts. Values equal those of <c>LimitReset</c>; frozen, may only grow.</summary>
public enum UsageWindow
{
    /// <summary>All time.</summary>
    Total = 0,
    /// <summary>Since 00:00 UTC.</summary>
    Daily = 1,
    /// <summary>Since Monday 00:00 UTC.</summary>
    Weekly = 2,
    /// <summary>Since the first of the month, 00:00 UTC.</summary>
    Monthly = 3,
}

/// <summary>The cap of a key.</summary>
/// <param name="Amount">The most the window may hold.</param>
/// <param name="Window">What the cap counts.</param>
/// <param name="IncludeByok">Spend on the caller's own provider keys counts too.</param>
public readonly record struct KeyLimit(Credits Amount, UsageWindow Window, bool IncludeByok);
