namespace Fairlead.Accounts.Limits.Shares;

/// <summary>Tries to begin a request. Null when that is decided; else the scope of which this node has too little.</summary>
internal delegate LimitScope? Attempt(out RateOutcome outcome);

/// <summary>A request for which this node's share of a limit is too small.</summary>
/// <param name="limits">The limits it is under.</param>
/// <param name="need">What it needs.</param>
/// <param name="attempt">Begins it, now that the share may be larger.</param>
internal sealed class ShareWant(RateAmounts limits, RateAmounts need, Attempt attempt)
{
    private readonly TaskCompletionSource<RateOutcome?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RateAmounts _limits = limits;
    private readonly RateAmounts _need = need;

    public ref readonly RateAmounts Limits => ref _limits;

    public ref readonly RateAmounts Need => ref _need;

    /// <summary>What became of it; null where another scope is too small now.</summary>
    public Task<RateOutcome?> Done => _done.Task;

    /// <summary>Whether it waits for <paramref name="scope"/> no more.</summary>
    public bool IsMet(LimitScope scope)
    {
        var lacks = attempt(out var outcome);
        return lacks != scope && _done.TrySetResult(lacks is null ? outcome : null);
    }

    /// <summary>The scope it asked is not in use any more.</summary>
    public void GoOn() => _done.TrySetResult(null);

    public void Refuse(RateOutcome outcome) => _done.TrySetResult(outcome);

    public void Fail(Exception failure) => _done.TrySetException(failure);
}
