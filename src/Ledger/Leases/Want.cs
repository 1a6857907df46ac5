using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Leases;

/// <summary>Something that what this node has in hand does not cover: a hold, the growth of one, or a charge beyond it.</summary>
/// <param name="key">The key it is for.</param>
/// <param name="limit">The key's cap; null is none.</param>
/// <param name="amount">How much it needs.</param>
/// <param name="attempt">Takes it, now that more may be in hand; refused where there is still too little.</param>
/// <param name="grows">The hold that is to grow; null for a new one.</param>
internal sealed class Want(KeySpend key, KeyLimit? limit, long amount, Func<HoldOutcome> attempt, Hold? grows = null)
{
    private readonly TaskCompletionSource<HoldOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public KeySpend Key { get; } = key;

    public KeyLimit? Limit { get; } = limit;

    public long Amount { get; } = amount;

    public Task<HoldOutcome> Done => _done.Task;

    /// <summary>Whether it was taken, and its waiter told.</summary>
    public bool IsMet()
    {
        var outcome = attempt();
        return outcome.Granted && _done.TrySetResult(outcome);
    }

    /// <summary>Whether nothing can come of it any more, the hold having ended; its waiter is told.</summary>
    public bool IsAbandoned() => grows is { Open: false } && _done.TrySetResult(default);

    public void Refuse(HoldOutcome refusal) => _done.TrySetResult(refusal);

    public void Fail(Exception failure) => _done.TrySetException(failure);
}
