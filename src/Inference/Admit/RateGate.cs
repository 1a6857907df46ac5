using Fairlead.Accounts.Limits;
using Fairlead.Accounts.Settings;
using Fairlead.Inference.Route;
using Fairlead.Inference.Telemetry;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Admit;

/// <summary>The first half of Admit: the rate limits of the key and of its account.</summary>
internal sealed class RateGate(RateLimiter limiter, AccountSettingsIndex accounts, InferenceMetrics metrics)
{
    /// <summary>Counts the request, or says which limit refuses it. There is no permit where nothing is limited.</summary>
    public GatewayError? TryBegin(InferenceContext context, RoutePlan plan, out RatePermit? permit)
    {
        permit = null;
        var key = context.Key!;
        var account = accounts.Find(key.AccountId).RateLimits;
        if (key.RateLimits.AreNone && account.AreNone)
            return null;
        var outcome = limiter.TryBegin(new RateRequest(key.Id, key.RateLimits, key.AccountId, account, plan.WorstTokens));
        permit = outcome.Permit;
        return outcome.Refusal is { } refusal ? Refuse(refusal, context) : null;
    }

    private GatewayError Refuse(RateRefusal refusal, InferenceContext context)
    {
        var error = RateErrors.Of(refusal, context.Time.GetUtcNow());
        metrics.Limited(error.RateLimit!.Source);
        return error;
    }
}
