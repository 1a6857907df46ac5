using Fairlead.Accounts.Limits;
using Fairlead.Accounts.Settings;
using Fairlead.Inference.Route;
using Fairlead.Inference.Telemetry;
using Fairlead.Ledger;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Admit;

/// <summary>What the rate limits say: the plan to go on with and, where something is limited, a permit; or the error that ends the request.</summary>
internal readonly record struct GateOutcome(RoutePlan? Plan, RatePermit? Permit, GatewayError? Error);

/// <summary>The first half of Admit: free models, then the rate limits of the key and of its account.</summary>
internal sealed class RateGate(RateLimiter limiter, AccountSettingsIndex accounts, CreditLedger ledger, InferenceMetrics metrics)
{
    /// <summary>
    /// Counts the request, or says which limit refuses it. Where free models are refused and the request may be answered by others, it goes on with those.
    /// </summary>
    public ValueTask<GateOutcome> BeginAsync(InferenceContext context, RoutePlan plan)
    {
        var freeModels = plan.FreeModels;
        var request = Request(context, plan, freeModels is FreeModels.None ? default : Allowance(context));
        if (request.IsUnlimited)
            return new(new GateOutcome(plan, null, null));
        var begun = limiter.BeginAsync(request);
        if (!begun.IsCompletedSuccessfully)
            return AwaitAsync(begun, context, plan, freeModels);
        var outcome = begun.Result;
        return MayGoOn(outcome, freeModels) ? BeginWithoutFreeModelsAsync(context, plan) : new(Judge(outcome, context, plan));
    }

    /// <summary>What the free models' limits refuse the account now, or null. Counts nothing.</summary>
    public async ValueTask<GatewayError?> RefusesFreeModelAsync(InferenceContext context) =>
        await limiter.RefusesFreeModelAsync(context.Key!.AccountId, Allowance(context)) is { } refusal ? Error(refusal, context) : null;

    private async ValueTask<GateOutcome> AwaitAsync(ValueTask<RateOutcome> begun, InferenceContext context, RoutePlan plan, FreeModels freeModels)
    {
        var outcome = await begun;
        return MayGoOn(outcome, freeModels) ? await BeginWithoutFreeModelsAsync(context, plan) : Judge(outcome, context, plan);
    }

    private async ValueTask<GateOutcome> BeginWithoutFreeModelsAsync(InferenceContext context, RoutePlan plan)
    {
        var others = plan.WithoutFreeModels();
        return Judge(await limiter.BeginAsync(Request(context, others, default)), context, others);
    }

    private static bool MayGoOn(in RateOutcome outcome, FreeModels freeModels) =>
        freeModels is FreeModels.Some && outcome.Refusal is { Scope: RateScope.FreeModels };

    private RateRequest Request(InferenceContext context, RoutePlan plan, FreeModelAllowance freeModels)
    {
        var key = context.Key!;
        return new(key.Id, key.RateLimits, key.AccountId, accounts.Find(key.AccountId).RateLimits, plan.WorstTokens, freeModels);
    }

    private FreeModelAllowance Allowance(InferenceContext context)
    {
        var limits = context.Catalog.Options.FreeModels;
        return new(limits.PerMinute, limits.PerDayFor(Purchased(context)));
    }

    private Credits Purchased(InferenceContext context) => ledger.Balance(context.Key!.AccountId).TotalPurchased;

    private GateOutcome Judge(in RateOutcome outcome, InferenceContext context, RoutePlan plan)
    {
        if (outcome.IsUnavailable)
            return new(null, null, Admitter.DatabaseAway);
        return outcome.Refusal is { } refusal ? new(null, null, Error(refusal, context)) : new(plan, outcome.Permit, null);
    }

    private GatewayError Error(RateRefusal refusal, InferenceContext context)
    {
        var now = context.Time.GetUtcNow();
        var error = refusal.Scope is RateScope.FreeModels
            ? RateErrors.OfFreeModels(refusal, context.Catalog.Options.FreeModels, Purchased(context), now)
            : RateErrors.Of(refusal, now);
        metrics.Limited(error.RateLimit!.Source);
        return error;
    }
}
