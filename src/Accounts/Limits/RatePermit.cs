namespace Fairlead.Accounts.Limits;

/// <summary>
/// A request that counts against rate limits. End it once, by <see cref="Complete"/> or <see cref="Cancel"/>; what comes after the first does nothing, and
/// dispose completes it with what it was counted for. Thread-safe.
/// </summary>
public sealed class RatePermit : IDisposable
{
    private readonly CallerScope? _key;
    private readonly CallerScope? _account;
    private readonly FreeModelScope? _free;
    private readonly long _keySlot;
    private readonly long _accountSlot;
    private readonly long _freeSlot;
    private readonly long _freeDay;
    private long _tokens;
    private int _ended;

    /// <summary>Begins the request in each scope there is. Under the locks of all.</summary>
    internal RatePermit(CallerScope? key, CallerScope? account, FreeModelScope? free, long now, long tokens)
    {
        (_key, _account, _free, _tokens) = (key, account, free, tokens);
        _keySlot = key?.Begin(now, tokens) ?? 0;
        _accountSlot = account?.Begin(now, tokens) ?? 0;
        _freeSlot = free?.Begin(now) ?? 0;
        _freeDay = free?.Day ?? 0;
    }

    /// <summary>It may use more tokens than was known at its begin: they count at once. Never refused.</summary>
    public void Grow(long tokens)
    {
        Interlocked.Add(ref _tokens, tokens);
        _key?.Grow(_keySlot, tokens);
        _account?.Grow(_accountSlot, tokens);
    }

    /// <summary>It is settled: no longer in flight, and counted for what it was.</summary>
    /// <param name="usedTokens">The tokens it used.</param>
    /// <param name="freeModel">It counts as a request for a free model.</param>
    public void Complete(long usedTokens, bool freeModel) => End(0, usedTokens, freeModel, settled: true);

    /// <summary>It never began: nothing of it counts.</summary>
    public void Cancel() => End(-1, 0, freeModel: false, settled: false);

    /// <inheritdoc/>
    public void Dispose() => End(0, Interlocked.Read(ref _tokens), freeModel: true, settled: false);

    private void End(long requests, long usedTokens, bool freeModel, bool settled)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            var more = usedTokens - Interlocked.Read(ref _tokens);
            _key?.End(_keySlot, requests, more);
            _account?.End(_accountSlot, requests, more);
            _free?.End(_freeSlot, _freeDay, freeModel, settled);
        }
    }
}
