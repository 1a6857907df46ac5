using System.Collections.Concurrent;
using Fairlead.Accounts.Limits.Shares;
using Fairlead.Ledger.RollUps;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;
using Microsoft.Extensions.Logging;

namespace Fairlead.Accounts.Limits;

/// <summary>
/// Holds keys and accounts to their <see cref="RateLimits"/>, and accounts to their allowance of free models. Check and count are one step under the locks of
/// everything that limits a request, so no interleaving admits more than a limit in any sixty seconds. Time is the machine's monotonic clock: a clock that is
/// set neither opens a limit nor locks anybody out; only days are those of the calendar. In memory are only the keys and accounts with a limit that did something
/// in the last minutes, for free models on this day. Where several nodes share the database each admits from its share of a limit (<see cref="RateShares"/>) and asks
/// for more where that is too small. Thread-safe.
/// </summary>
public sealed partial class RateLimiter
{
    private readonly ConcurrentDictionary<long, CallerScope> _keys = new();
    private readonly ConcurrentDictionary<long, CallerScope> _accounts = new();
    private readonly ConcurrentDictionary<long, FreeModelScope> _freeModels = new();
    private readonly TimeProvider _clock;
    private readonly Func<long, DateOnly, Task<long>> _readFreeModelRequests;
    private readonly TickScale _scale;

    /// <summary>Counts in memory; what was used for free models before is in the sums of settled requests.</summary>
    public RateLimiter(TimeProvider clock, ActivityStore activity, Database database, NodeLease lease, ILogger<RateLimiter> logger)
        : this(clock, (accountId, day) => activity.FreeRequestsAsync(accountId, day))
    {
        Shares = lease.IsAlone ? null : new(database, lease, clock, logger, Find, () => Scopes);
    }

    internal RateLimiter(TimeProvider clock, Func<long, DateOnly, Task<long>> readFreeModelRequests)
    {
        (_clock, _readFreeModelRequests, _scale) = (clock, readFreeModelRequests, new(clock.TimestampFrequency));
    }

    /// <summary>Keys and accounts in memory.</summary>
    public int Count => _keys.Count + _accounts.Count + _freeModels.Count;

    /// <summary>
    /// Counts a request that begins, or says which limit refuses it. Where nothing is limited there is neither: nothing is counted and nothing allocated. Only an
    /// account's first request for a free model asks the database what it used today, and may throw <see cref="StorageException"/>. Where several nodes share the limits, the database and
    /// the other nodes are asked when this node's share is too small, 0.5 s at most for these.
    /// </summary>
    public ValueTask<RateOutcome> BeginAsync(in RateRequest request)
    {
        if (request.IsUnlimited)
        {
            return default;
        }

        return TryBegin(request, held: null, out var outcome, out _) ? new(outcome) : WaitAndBeginAsync(request);
    }

    /// <summary>What would refuse the account a request for a free model now; null when nothing would. Counts nothing.</summary>
    public async ValueTask<RateRefusal?> RefusesFreeModelAsync(long accountId, FreeModelAllowance limits)
    {
        if (limits.IsUnlimited)
        {
            return null;
        }

        if (Shares is not null)
        {
            return await RefusesSharedFreeModelAsync(accountId, limits);
        }

        await LoadAsync(accountId);
        var scope = FreeModels(accountId);
        lock (scope.Sync)
        {
            var (now, utc) = (_clock.GetTimestamp(), _clock.GetUtcNow());
            scope.MoveTo(now, utc);
            return scope.Loaded && scope.Refuses(limits, now, utc) is { } refusal ? Refusal(refusal, RateScope.FreeModels, 1) : null;
        }
    }

    /// <summary>How many requests for free models the account made today.</summary>
    public async ValueTask<long> FreeModelRequestsAsync(long accountId)
    {
        if (Shares is not null || !_freeModels.TryGetValue(accountId, out var scope) || !scope.Loaded)
        {
            return await _readFreeModelRequests(accountId, DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime));
        }

        lock (scope.Sync)
        {
            scope.MoveTo(_clock.GetTimestamp(), _clock.GetUtcNow());
            return scope.Used;
        }
    }

    /// <summary>Forgets who did nothing in the last minute.</summary>
    public void Sweep()
    {
        Sweep(_keys);
        Sweep(_accounts);
        Sweep(_freeModels);
    }

    private CallerScope Key(long id) => _keys.TryGetValue(id, out var scope) ? scope : _keys.GetOrAdd(id, static (id, it) => it.NewCaller(new(RateScope.Key, id)), this);

    private CallerScope Account(long id) =>
        _accounts.TryGetValue(id, out var scope) ? scope : _accounts.GetOrAdd(id, static (id, it) => it.NewCaller(new(RateScope.Account, id)), this);

    private FreeModelScope FreeModels(long accountId) => _freeModels.TryGetValue(accountId, out var scope)
        ? scope
        : _freeModels.GetOrAdd(accountId, static (id, it) => new(it._scale, it.NewShare(new(RateScope.FreeModels, id))), this);

    private CallerScope NewCaller(ScopeName name) => new(name.Kind, _scale, NewShare(name));

    private async ValueTask LoadAsync(long accountId)
    {
        var scope = FreeModels(accountId);
        if (!scope.Loaded)
        {
            var today = _clock.GetUtcNow();
            var used = await _readFreeModelRequests(accountId, DateOnly.FromDateTime(today.UtcDateTime));
            scope.Load(FreeModelScope.DayOf(today), used, _clock.GetTimestamp());
        }
    }

    /// <summary>False when what the account used for free models today is not known yet, or this node's share of a scope is too small.</summary>
    private bool TryBegin(in RateRequest request, HeldShares? held, out RateOutcome outcome, out LimitScope? lacks)
    {
        while (true)
        {
            var account = request.AccountLimits.AreNone ? null : Account(request.AccountId);
            var key = request.KeyLimits.AreNone ? null : Key(request.KeyId);
            var free = request.FreeModels.IsUnlimited ? null : FreeModels(request.AccountId);
            // The account's lock before the key's before the free models', always; where one is missing the first is taken twice.
            var first = account?.Sync ?? key?.Sync ?? free!.Sync;
            lock (first)
            {
                lock (key?.Sync ?? first)
                {
                    lock (free?.Sync ?? first)
                    {
                        if (account is not { Retired: true } && key is not { Retired: true } && free is not { Retired: true })
                        {
                            lacks = null;
                            outcome = free is { Loaded: false } ? default : Judge(request, account, key, free, held, out lacks);
                            return free is not { Loaded: false } && lacks is null;
                        }
                    }
                }
            }
        }
    }

    private RateOutcome Judge(in RateRequest request, CallerScope? account, CallerScope? key, FreeModelScope? free, HeldShares? held, out LimitScope? lacks)
    {
        lacks = null;
        // Read under the locks, so that what is added to a window is in order.
        var now = _clock.GetTimestamp();
        if (free is not null)
        {
            var utc = _clock.GetUtcNow();
            free.MoveTo(now, utc);
            if (free.Refuses(request.FreeModels, now, utc) is { } byFreeModels)
            {
                return new(Refusal(byFreeModels, RateScope.FreeModels, request.Tokens));
            }

            if (free.Share is not null && free.Lacks(RateAmounts.Of(request.FreeModels), NeedOf(free, RateAmounts.FreeModelRequest(), held)))
            {
                lacks = free;
                return default;
            }
        }

        key?.Window.MoveTo(now);
        if (key?.Refuses(request.KeyLimits, now, request.Tokens) is { } byKey)
        {
            return new(Refusal(byKey, RateScope.Key, request.Tokens));
        }

        if (key?.Share is not null && key.Lacks(RateAmounts.Of(request.KeyLimits), NeedOf(key, RateAmounts.Request(request.Tokens), held)))
        {
            held?.Keep(free, RateAmounts.FreeModelRequest());
            lacks = key;
            return default;
        }

        account?.Window.MoveTo(now);
        if (account?.Refuses(request.AccountLimits, now, request.Tokens) is { } byAccount)
        {
            return new(Refusal(byAccount, RateScope.Account, request.Tokens));
        }

        if (account?.Share is not null && account.Lacks(RateAmounts.Of(request.AccountLimits), NeedOf(account, RateAmounts.Request(request.Tokens), held)))
        {
            held?.Keep(free, RateAmounts.FreeModelRequest());
            held?.Keep(key, RateAmounts.Request(request.Tokens));
            lacks = account;
            return default;
        }

        held?.Used(free);
        held?.Used(key);
        held?.Used(account);
        return new(new RatePermit(key, account, free, now, request.Tokens));
    }

    private static RateAmounts NeedOf(LimitScope scope, in RateAmounts need, HeldShares? held) => held is null ? need : held.Beyond(scope, need);

    private static RateRefusal Refusal(in ScopeRefusal refusal, RateScope scope, long tokens) => new()
    {
        Scope = scope,
        Dimension = refusal.Dimension,
        Limit = refusal.Limit,
        Remaining = refusal.Remaining,
        Asked = refusal.Dimension is RateDimension.Tokens ? tokens : 1,
        Wait = refusal.Wait,
    };

    private void Sweep<T>(ConcurrentDictionary<long, T> scopes)
        where T : LimitScope
    {
        foreach (var (id, scope) in scopes)
        {
            // Whoever found it before it is removed sees that it is retired.
            if (scope.TryRetire(_clock))
            {
                scopes.TryRemove(id, out _);
                Shares?.Forget(scope);
            }
        }
    }
}
