namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Lets the waiters of a batch go on, on the thread pool and a few per work item: waking a pool thread for every single one costs more than what most of
/// them still have to do, which is to send an answer.
/// </summary>
internal sealed class SettlementReleases(PendingSettlement[] settlements) : IThreadPoolWorkItem
{
    private const int PerWorkItem = 8;

    /// <summary>Queues the release of every settlement; the list may be reused afterwards.</summary>
    public static void Queue(List<PendingSettlement> settlements)
    {
        for (var from = 0; from < settlements.Count; from += PerWorkItem)
        {
            var some = settlements.GetRange(from, Math.Min(PerWorkItem, settlements.Count - from)).ToArray();
            ThreadPool.UnsafeQueueUserWorkItem(new SettlementReleases(some), preferLocal: false);
        }
    }

    /// <inheritdoc/>
    public void Execute()
    {
        foreach (var settlement in settlements)
            settlement.Release();
    }
}
