using System.Collections.Concurrent;

namespace Fairlead.Accounts.Limits;

/// <summary>
/// Holds keys and accounts to their <see cref="RateLimits"/>. Check and count are one step under the locks of the account and of the key, so no interleaving
/// admits more than a limit in any sixty seconds. Time is the machine's monotonic clock: a clock that is set neither opens a limit nor locks anybody out.
/// In memory are only the keys and accounts with a limit that did something in the last minutes. Thread-safe.
/// </summary>
public sealed class RateLimiter(TimeProvider clock)
{
    private static readonly TimeSpan WindowLength = TimeSpan.FromSeconds(60);

    private readonly long _windowTicks = (long)(WindowLength.TotalSeconds * clock.TimestampFrequency);
    private readonly ConcurrentDictionary<long, LimitScope> _keys = new();
    private readonly ConcurrentDictionary<long, LimitScope> _accounts = new();

    /// <summary>Keys and accounts in memory.</summary>
    public int Count => _keys.Count + _accounts.Count;

    /// <summary>
    /// Counts a request that begins, or says which limit refuses it. Where nothing is limited there is neither: nothing is counted and nothing allocated.
    /// </summary>
    public RateOutcome TryBegin(in RateRequest request)
    {
        if (request.KeyLimits.AreNone && request.AccountLimits.AreNone)
        {
            return default;
        }

        while (true)
        {
            var account = request.AccountLimits.AreNone ? null : Scope(_accounts, request.AccountId);
            var key = request.KeyLimits.AreNone ? null : Scope(_keys, request.KeyId);
            // The account's lock before the key's, always; where there is one scope its lock is taken twice.
            lock ((account ?? key!).Sync)
            {
                lock ((key ?? account!).Sync)
                {
                    if (account is not { Retired: true } && key is not { Retired: true })
                    {
                        return Judge(request, account, key);
                    }
                }
            }
        }
    }

    /// <summary>Forgets keys and accounts that did nothing in the last minute.</summary>
    public void Sweep()
    {
        Sweep(_keys);
        Sweep(_accounts);
    }

    private LimitScope Scope(ConcurrentDictionary<long, LimitScope> scopes, long id) =>
        scopes.TryGetValue(id, out var scope) ? scope : scopes.GetOrAdd(id, static (_, ticks) => new(ticks), _windowTicks);

    private RateOutcome Judge(in RateRequest request, LimitScope? account, LimitScope? key)
    {
        // Read under the locks, so that what is added to a window is in order.
        var now = clock.GetTimestamp();
        account?.Window.MoveTo(now);
        key?.Window.MoveTo(now);
        if (key?.Refuses(request.KeyLimits, now, request.Tokens) is { } byKey)
        {
            return new(Refusal(byKey, RateScope.Key, request.Tokens));
        }

        if (account?.Refuses(request.AccountLimits, now, request.Tokens) is { } byAccount)
        {
            return new(Refusal(byAccount, RateScope.Account, request.Tokens));
        }

        return new(new RatePermit(key, account, now, request.Tokens));
    }

    private RateRefusal Refusal(in ScopeRefusal refusal, RateScope scope, long tokens) => new()
    {
        Scope = scope,
        Dimension = refusal.Dimension,
        Limit = refusal.Limit,
        Remaining = refusal.Remaining,
        Asked = refusal.Dimension is RateDimension.Tokens ? tokens : 1,
        Wait = refusal.Wait is { } ticks ? TimeSpan.FromSeconds((double)ticks / clock.TimestampFrequency) : null,
    };

    private void Sweep(ConcurrentDictionary<long, LimitScope> scopes)
    {
        foreach (var (id, scope) in scopes)
        {
            // Whoever found it before it is removed sees that it is retired.
            if (scope.TryRetire(clock))
            {
                scopes.TryRemove(id, out _);
            }
        }
    }
}
