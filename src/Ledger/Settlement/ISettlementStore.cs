using Fairlead.Ledger.Holds;
using Fairlead.Storage;

namespace Fairlead.Ledger.Settlement;

/// <summary>
/// The SQL of settlement on one engine: one transaction per batch with a row per generation, and entries, balances and roll-ups summed over the batch. Used by
/// one thread at a time, holding the write lease.
/// </summary>
internal interface ISettlementStore : IDisposable
{
    /// <summary>
    /// Writes and commits everything, or nothing and throws. Marks settlements whose generation was there already
    /// (<see cref="PendingSettlement.FirstCost"/>).
    /// </summary>
    /// <param name="lease">The right to write, and the connection for it.</param>
    /// <param name="settlements">Generations and charges.</param>
    /// <param name="intents">Requests in flight to list.</param>
    /// <param name="doneIntents">Rows of that list to delete.</param>
    /// <exception cref="StorageException">
    /// Nothing was written; or, by <see cref="StorageFailure.OutcomeUnknown"/>, all of it may have been.
    /// </exception>
    void Write(WriteLease lease, IReadOnlyList<PendingSettlement> settlements, IReadOnlyList<Hold> intents, IReadOnlyList<long> doneIntents);
}
