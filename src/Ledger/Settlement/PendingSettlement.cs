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
    private bool _isRefused;

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

    /// <summary>
    /// Its caller is answered though the database was away: the journal has it. Takes the place of a record that only says its request was not known to end.
    /// </summary>
    public bool IsJournaled { get; set; }

    /// <summary>Of a journaled one: it is in the database.</summary>
    public bool IsSettled { get; private set; }

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
        if (IsJournaled)
        {
            SucceedLater();
            return;
        }

        if (FirstCost is { } cost)
        {
            TakeBack();
            _charged = new(cost);
            return;
        }

        Hold?.Funds.Commit(Hold.Key, Charged, OfKeyLease);
        _charged = new(Charged);
    }

    /// <summary>The journal has it: it may be shown, and stays promised until it is settled. The waiter goes on at <see cref="Release"/>.</summary>
    public void Keep()
    {
        IsJournaled = true;
        Hold?.Funds.Keep();
        _charged = new(Charged);
    }

    /// <summary>The same, charged only as far as the account has credits: the rest is borne by the operator.</summary>
    public PendingSettlement Of(long covered) => new()
    {
        Generation = Generation, Charged = covered, Overrun = checked(Overrun + Charged - covered), OfKeyLease = OfKeyLease, Day = Day, SettledAtMs = SettledAtMs,
        IsJournaled = true, IntentRow = IntentRow,
    };

    /// <summary>A journaled one is settled as <paramref name="covered"/>.</summary>
    public void SucceedAs(PendingSettlement covered)
    {
        FirstCost = covered.FirstCost ?? covered.Charged;
        SucceedLater();
    }

    /// <summary>The database will not have it from the journal: it is not there for certain, stays pending, and may be tried again.</summary>
    public void Refuse()
    {
        if (!_isRefused)
        {
            _isRefused = true;
            Hold?.Funds.Unkeep();
        }
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

    /// <summary>What was shown is never taken back. Where the row was there already, an earlier commit had come to its end: it drew what this one would have.</summary>
    private void SucceedLater()
    {
        if (IsSettled)
        {
            return;
        }

        IsSettled = true;
        if (_isRefused)
        {
            Hold?.Funds.Keep();
        }

        Hold?.Funds.CommitKept(Hold.Key, Charged, OfKeyLease, isCertain: FirstCost is null);
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
