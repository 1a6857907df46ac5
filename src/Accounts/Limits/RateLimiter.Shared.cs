using Fairlead.Accounts.Limits.Shares;

namespace Fairlead.Accounts.Limits;

/// <summary>Where several nodes share the limits: what takes longer, asking for more than this node's share.</summary>
public sealed partial class RateLimiter
{
    /// <summary>How often more may be asked for one request, should others use it each time.</summary>
    private const int MostRounds = 50;

    /// <summary>This node's shares; null where it has the limits to itself.</summary>
    internal RateShares? Shares { get; }

    private NodeShare? NewShare(ScopeName name) => Shares is { } shares ? new(name, shares) : null;

    private IEnumerable<LimitScope> Scopes => [.. _keys.Values, .. _accounts.Values, .. _freeModels.Values];

    private LimitScope? Find(ScopeName name) => name.Kind switch
    {
        RateScope.Key => _keys.GetValueOrDefault(name.Id),
        RateScope.Account => _accounts.GetValueOrDefault(name.Id),
        _ => _freeModels.GetValueOrDefault(name.Id),
    };

    /// <summary>Reads what is not known, or asks for more of what this node has too little of, and tries again.</summary>
    private async ValueTask<RateOutcome> WaitAndBeginAsync(RateRequest request)
    {
        using var held = new HeldShares();
        for (var round = 1; ; round++)
        {
            if (TryBegin(request, held, out var outcome, out var lacks))
            {
                return outcome;
            }

            held.WaitFor(lacks);
            if (lacks is null)
            {
                await LoadAsync(request.AccountId);
            }
            else if (round > MostRounds)
            {
                return RateOutcome.Unavailable;
            }
            else if (await Shares!.AskAsync(lacks, Want(request, lacks, Begin)) is { } answer)
            {
                return answer;
            }
        }

        LimitScope? Begin(out RateOutcome begun)
        {
            if (TryBegin(request, held, out begun, out var more))
            {
                return null;
            }

            held.WaitFor(more);
            return more;
        }
    }

    private static ShareWant Want(RateRequest request, LimitScope lacks, Attempt attempt) => lacks is FreeModelScope
        ? new(RateAmounts.Of(request.FreeModels), RateAmounts.FreeModelRequest(), attempt)
        : new(RateAmounts.Of(lacks.Kind is RateScope.Key ? request.KeyLimits : request.AccountLimits), RateAmounts.Request(request.Tokens), attempt);

    private async ValueTask<RateRefusal?> RefusesSharedFreeModelAsync(long accountId, FreeModelAllowance limits)
    {
        for (var round = 1; round <= MostRounds; round++)
        {
            var scope = FreeModels(accountId);
            LimitScope? Lacking(out RateOutcome outcome)
            {
                lock (scope.Sync)
                {
                    var (now, utc) = (_clock.GetTimestamp(), _clock.GetUtcNow());
                    scope.MoveTo(now, utc);
                    outcome = scope.Refuses(limits, now, utc) is { } refusal ? new(Refusal(refusal, RateScope.FreeModels, 1)) : default;
                    return outcome.Refusal is null && scope.Lacks(RateAmounts.Of(limits), RateAmounts.FreeModelRequest()) ? scope : null;
                }
            }

            if (Lacking(out var known) is null)
            {
                return known.Refusal;
            }

            if (await Shares!.AskAsync(scope, new(RateAmounts.Of(limits), RateAmounts.FreeModelRequest(), Lacking)) is { } asked)
            {
                return asked.Refusal;
            }
        }

        return null;
    }
}
