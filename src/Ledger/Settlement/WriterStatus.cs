namespace Fairlead.Ledger.Settlement;

/// <summary>How the settlement writer is doing; for metrics and the drain at shutdown.</summary>
/// <param name="QueueDepth">Settlements waiting for a commit, those being committed included.</param>
/// <param name="Lag">How long the oldest of them has waited; zero when none waits.</param>
/// <param name="InFlight">Open holds and waiting settlements.</param>
/// <param name="Batches">Commits since the start.</param>
/// <param name="Settled">Generations committed since the start.</param>
/// <param name="Failed">Settlements given up since the start.</param>
/// <param name="CommitTime">Time spent in commits since the start, waiting for the database's lock included.</param>
/// <param name="Journaled">Charges that callers were shown and that wait on this machine's disk for a database that is away.</param>
public readonly record struct WriterStatus(
    int QueueDepth, TimeSpan Lag, int InFlight, long Batches, long Settled, long Failed, TimeSpan CommitTime, int Journaled);
