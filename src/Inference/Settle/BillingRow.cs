namespace Fairlead.Inference.Settle;

/// <summary>What a caller pays.</summary>
internal enum Pays
{
    /// <summary>Nothing. Tokens are recorded all the same.</summary>
    Nothing,
    /// <summary>Price times usage: the provider's report, or our own count where it reported none or nonsense.</summary>
    Usage,
}

/// <summary>The finish reason a record shows.</summary>
internal enum RecordedFinish
{
    /// <summary>The provider's, or none if it named none.</summary>
    AsNamed,
    /// <summary><c>length</c></summary>
    Length,
    /// <summary><c>error</c></summary>
    Error,
    /// <summary>None.</summary>
    None,
    /// <summary>There is no record.</summary>
    NoRecord,
}

/// <summary>What becomes of the provider's side.</summary>
internal enum UpstreamRead
{
    /// <summary>Read to its end, whoever is still listening.</summary>
    ToItsEnd,
    /// <summary>Told to stop by closing its connection.</summary>
    ToldToStop,
    /// <summary>It ended by itself.</summary>
    EndedByItself,
    /// <summary>Nothing was sent to it.</summary>
    NotAsked,
}

/// <summary>One row: under which conditions, who pays, what is recorded.</summary>
internal sealed record BillingRow
{
    public required BillingOutcome Outcome { get; init; }
    /// <summary>Only streamed requests, only others, or both (null).</summary>
    public bool? Streamed { get; init; }
    /// <summary>Only endpoints that can abort, only others, or both (null).</summary>
    public bool? CanAbort { get; init; }
    /// <summary>With platform credits. With the caller's own provider key: the fee where this says usage.</summary>
    public required Pays Pays { get; init; }
    public required UpstreamRead Upstream { get; init; }
    public required RecordedFinish Finish { get; init; }
    /// <summary>The record says <c>cancelled</c>. Any other row does too when the caller happened to be gone already.</summary>
    public bool Cancelled { get; init; }

    public bool Covers(BillingOutcome outcome, bool streamed, bool canAbort) =>
        Outcome == outcome && (Streamed ?? streamed) == streamed && (CanAbort ?? canAbort) == canAbort;
}
