namespace Fairlead.Ledger.Settlement;

/// <summary>
/// Lets the waiters of a batch go on, on the thread pool and a few per work item: waking a pool thread for every single one costs more than what most of
/// them still have to do, which is to send an answer.
/// </summary>
internal sealed class SettlementReleases(PendingSettlement[] settlements) : IThreadPoolWorkItem
{
    private const int PerWorkItem = 8;

    /// <summary>Queues the release of every settlement but <paramref name="own"/>; the list may be reused afterwards.</summary>
    public static void Queue(List<PendingSettlement> settlements, PendingSettlement? own)
    {
        var some = new List<PendingSettlement>(PerWorkItem);
        foreach (var settlement in settlements)
        {
            if (settlement == own)
                continue;
            some.Add(settlement);
            if (some.Count < PerWorkItem)
                continue;
            Queue(some);
            some.Clear();
        }

        if (some.Count > 0)
            Queue(some);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        foreach (var settlement in settlements)
            settlement.Release();
    }

    private static void Queue(List<PendingSettlement> some) =>
        ThreadPool.UnsafeQueueUserWorkItem(new SettlementReleases([.. some]), preferLocal: false);
}
