namespace Fairlead.Accounts.Limits.Shares;

/// <summary>
/// What a request that waits for more of one limit keeps of those that are looked at before it, of which there was enough: no other request uses it meanwhile, and it is not handed
/// back. Else many would go on to the next limit on the strength of what only some can have, and take of that one what is of no use to them. Never of a later limit than the one that
/// is waited for: two requests would wait for what the other keeps.
/// </summary>
internal sealed class HeldShares : IDisposable
{
    private readonly List<(LimitScope Scope, RateAmounts Need)> _held = [];

    /// <summary>What the request needs of a scope beyond what it keeps of it.</summary>
    public RateAmounts Beyond(LimitScope scope, in RateAmounts need) => Has(scope) ? default : need;

    /// <summary>Keeps what it needs of a scope. Under the scope's lock.</summary>
    public void Keep(LimitScope? scope, in RateAmounts need)
    {
        if (scope?.Share is { } share && !Has(scope))
        {
            share.Hold(need);
            _held.Add((scope, need));
        }
    }

    /// <summary>The request counts now. Under the scope's lock.</summary>
    public void Used(LimitScope? scope)
    {
        if (scope is not null && _held.FindIndex(one => one.Scope == scope) is >= 0 and var at)
        {
            scope.Share!.Release(_held[at].Need);
            _held.RemoveAt(at);
        }
    }

    /// <summary>The request waits for a scope: what it keeps of it, and of later ones, is anybody's again. Takes the locks, one at a time.</summary>
    public void WaitFor(LimitScope? scope)
    {
        var first = scope is null ? 0 : Order(scope);
        for (var i = _held.Count - 1; i >= 0; i--)
        {
            var (held, need) = _held[i];
            if (Order(held) >= first)
            {
                lock (held.Sync)
                {
                    held.Share!.Release(need);
                }

                _held.RemoveAt(i);
            }
        }
    }

    /// <summary>The request is decided.</summary>
    public void Dispose() => WaitFor(null);

    private bool Has(LimitScope scope) => _held.Exists(one => one.Scope == scope);

    /// <summary>In which order the limits of a request are looked at.</summary>
    private static int Order(LimitScope scope) => scope.Kind switch { RateScope.FreeModels => 0, RateScope.Key => 1, _ => 2 };
}
