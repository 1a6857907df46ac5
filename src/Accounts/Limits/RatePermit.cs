namespace Fairlead.Accounts.Limits;

/// <summary>
/// A request that counts against rate limits. End it once, by <see cref="Complete"/> or <see cref="Cancel"/>; what comes after the first does nothing, and
/// dispose completes it with the tokens it was counted with. Thread-safe.
/// </summary>
public sealed class RatePermit : IDisposable
{
    private readonly LimitScope? _key;
    private readonly LimitScope? _account;
    private readonly long _keySlot;
    private readonly long _accountSlot;
    private long _tokens;
    private int _ended;

    /// <summary>Begins the request in each scope there is. Under the locks of both.</summary>
    internal RatePermit(LimitScope? key, LimitScope? account, long now, long tokens)
    {
        (_key, _account, _tokens) = (key, account, tokens);
        _keySlot = key?.Begin(now, tokens) ?? 0;
        _accountSlot = account?.Begin(now, tokens) ?? 0;
    }

    /// <summary>It may use more tokens than was known at its begin: they count at once. Never refused.</summary>
    public void Grow(long tokens)
    {
        Interlocked.Add(ref _tokens, tokens);
        _key?.Grow(_keySlot, tokens);
        _account?.Grow(_accountSlot, tokens);
    }

    /// <summary>It is over: no longer in flight, and counted with the tokens it used.</summary>
    public void Complete(long usedTokens) => End(0, usedTokens);

    /// <summary>It never began: nothing of it counts.</summary>
    public void Cancel() => End(-1, 0);

    /// <inheritdoc/>
    public void Dispose() => End(0, Interlocked.Read(ref _tokens));

    private void End(long requests, long usedTokens)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            var more = usedTokens - Interlocked.Read(ref _tokens);
            _key?.End(_keySlot, requests, more);
            _account?.End(_accountSlot, requests, more);
        }
    }
}
