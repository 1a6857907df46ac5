using System.Threading.Tasks.Sources;
using Fairlead.Ledger.Generations;
using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Settlement;

/// <summary>One generation and its charge on the way to the database; completes when the commit is durable.</summary>
internal sealed class PendingSettlement : IValueTaskSource<Credits>
{
    // Continuations run where Release is called: never under the writer's lock, and never on its thread (SettlementReleases).
    private ManualResetValueTaskSourceCore<Credits> _completion;
    private Credits _charged;
    private Exception? _failure;

    public required Generation Generation { get; init; }

    /// <summary>What the account pays.</summary>
    public long Charged { get; init; }

    /// <summary>What the commit draws from this node's lease of the key; zero where the key has no limit or nobody else shares it.</summary>
    public long OfKeyLease { get; init; }

    /// <summary>What it cannot pay, borne by the operator.</summary>
    public long Overrun { get; init; }

    /// <summary>The UTC day the charge counts on.</summary>
    public int Day { get; init; }

    public long SettledAtMs { get; init; }

    /// <summary>The hold it ends; null for a record without one.</summary>
    public Hold? Hold { get; init; }

    /// <summary>This settlement ended the hold (a second one for the same hold does not).</summary>
    public bool EndsHold { get; init; }

    /// <summary>Its caller was answered while the database was away: it takes the place of a record that only says its request was not known to end.</summary>
    public bool IsJournaled { get; set; }

    /// <summary>Row of the intent to delete with it; 0 is none.</summary>
    public long IntentRow { get; set; }

    /// <summary>Set by the store: the generation was there already, with this cost.</summary>
    public long? FirstCost { get; set; }

    /// <summary>Nothing was written.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Spend on the caller's own provider key.</summary>
    public long ByokCost => Generation.IsByok ? Generation.UpstreamCost.PicoDollars : 0;

    /// <summary>Whether it has entries: the caller, the operator or the provider pays or gets something.</summary>
    public bool MovesMoney => (Charged | Overrun | (Generation.IsByok ? 0 : Generation.UpstreamCost.PicoDollars)) != 0;

    public ValueTask<Credits> Completion => new(this, _completion.Version);

    /// <summary>The commit is durable: memory takes the charge over. The waiter goes on at <see cref="Release"/>.</summary>
    public void Succeed()
    {
        if (FirstCost is { } cost)
        {
            TakeBack();
            _charged = new(cost);
            return;
        }

        Hold?.Funds.Commit(Hold.Key, Charged, OfKeyLease);
        _charged = new(Charged);
    }

    /// <summary>Nothing was written: the charge never happened, the waiter sees why at <see cref="Release"/>.</summary>
    public void Fail(Exception failure)
    {
        HasFailed = true;
        TakeBack();
        // What it draws on may have been drawn, or may not be there any more.
        Hold?.Funds.Doubt();
        _failure = failure;
    }

    private void TakeBack() => Hold?.Funds.TakeBack(Hold.Key, Day, Charged, ByokCost, OfKeyLease);

    /// <summary>Lets the waiter go on, on this thread.</summary>
    public void Release()
    {
        if (_failure is { } failure)
            _completion.SetException(failure);
        else
            _completion.SetResult(_charged);
    }

    Credits IValueTaskSource<Credits>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Credits>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<Credits>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
