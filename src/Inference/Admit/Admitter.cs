using System.Globalization;
using Fairlead.Inference.Authenticate;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Inference.Settle;
using Fairlead.Ledger;
using Fairlead.Ledger.Holds;
using Fairlead.Protocols.Errors;
using Microsoft.Extensions.Options;

namespace Fairlead.Inference.Admit;

/// <summary>
/// Admit, before any upstream byte: rate limits, 429; then credits held for the worst case of the dearest candidate (I-63), 402 or 403 when they do not
/// suffice.
/// </summary>
internal sealed class Admitter(CreditLedger ledger, RateGate rates, IOptions<InferenceOptions> options)
{
    /// <summary>Nothing can be promised: neither credits nor, where several gateways share them, limits.</summary>
    public static GatewayError DatabaseAway { get; } = new()
    {
        Kind = ErrorKind.Server, Status = 503, RetryAfterSeconds = 1, Message = "Service temporarily unavailable: the gateway cannot reach its database.",
    };

    public ValueTask<Outcome<Admission>> AdmitAsync(InferenceContext context, PreparedRequest prepared, RoutePlan plan)
    {
        var begun = rates.BeginAsync(context, plan);
        return begun.IsCompletedSuccessfully ? AdmitAsync(context, prepared, begun.Result) : AwaitAsync(context, prepared, begun);
    }

    private async ValueTask<Outcome<Admission>> AwaitAsync(InferenceContext context, PreparedRequest prepared, ValueTask<GateOutcome> begun) =>
        await AdmitAsync(context, prepared, await begun);

    private ValueTask<Outcome<Admission>> AdmitAsync(InferenceContext context, PreparedRequest prepared, in GateOutcome begun)
    {
        if (begun.Error is { } limited)
            return new(limited);
        var admitted = false;
        try
        {
            var holding = HoldAsync(context, prepared, begun.Plan!);
            if (!holding.IsCompletedSuccessfully)
            {
                admitted = true; // Not known yet: whoever waits for it cancels the permit.
                return AwaitAsync(prepared, begun, holding);
            }

            var outcome = holding.Result;
            admitted = outcome.Granted;
            return new(Admit(prepared, begun, outcome));
        }
        finally
        {
            if (!admitted)
                begun.Permit?.Cancel();
        }
    }

    private async ValueTask<Outcome<Admission>> AwaitAsync(PreparedRequest prepared, GateOutcome begun, ValueTask<HoldOutcome> holding)
    {
        var admitted = false;
        try
        {
            var outcome = await holding;
            admitted = outcome.Granted;
            return Admit(prepared, begun, outcome);
        }
        finally
        {
            if (!admitted)
                begun.Permit?.Cancel();
        }
    }

    private Outcome<Admission> Admit(PreparedRequest prepared, in GateOutcome begun, in HoldOutcome outcome)
    {
        var plan = begun.Plan!;
        return outcome.Granted
            ? new Admission(outcome.Hold, begun.Permit, plan, Bounded(prepared, plan), options.Value.HoldOutputTokens)
            : Refused(outcome, plan);
    }

    private ValueTask<HoldOutcome> HoldAsync(InferenceContext context, PreparedRequest prepared, RoutePlan plan)
    {
        var key = context.Key!;
        return ledger.TryHoldAsync(new HoldRequest
        {
            GenerationId = context.GenerationId,
            AccountId = key.AccountId,
            KeyId = key.Id,
            KeyLimit = key.SpendingLimit,
            Amount = plan.WorstCost + prepared.Plugins.WorstFee,
            Model = plan.Candidates[plan.Attempts[0]].Model.Id,
            ApiType = RequestRecord.ApiTypeOf(prepared.Request),
        });
    }

    private GatewayError Refused(in HoldOutcome outcome, RoutePlan plan) => outcome.Refusal switch
    {
        HoldRefusal.Unavailable => DatabaseAway,
        HoldRefusal.KeyLimit when outcome.Available == Credits.Zero => KeyLimitErrors.Exceeded(outcome.Window, options.Value.WebOrigin),
        _ => TooFewCredits(plan, outcome.Available),
    };

    /// <summary>The answer cannot outgrow the hold by itself: the caller gave a maximum, or no endpoint can write more than is held.</summary>
    private static bool Bounded(PreparedRequest prepared, RoutePlan plan)
    {
        if (prepared.Request.MaxTokens is not null || !prepared.Request.Stream)
            return true;
        foreach (var index in plan.Attempts)
        {
            ref readonly var candidate = ref plan.Candidates[index];
            if (candidate.Endpoint.MaxCompletionTokens is not { } most || most > candidate.OutputCap)
                return false;
        }

        return true;
    }

    private GatewayError TooFewCredits(RoutePlan plan, Credits available)
    {
        var web = options.Value.WebOrigin ?? "";
        if (available == Credits.Zero)
            return new GatewayError { Kind = ErrorKind.PaymentRequired, Message = $"Insufficient credits. Add more using {web}/credits" };

        var dearest = plan.Attempts.MaxBy(index => plan.Standings[index].Worst);
        var tokens = plan.Candidates[dearest].OutputTokens;
        if (tokens == 0)
            return new GatewayError { Kind = ErrorKind.PaymentRequired, Message = $"This request requires more credits. To increase, visit {web}/credits and add more credits" };
        var prices = plan.Candidates[dearest].Endpoint.Rates;
        var affordable = prices.Affordable(available - (plan.Standings[dearest].Worst - prices.WorstCompletion(tokens)));
        return new GatewayError
        {
            Kind = ErrorKind.PaymentRequired,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"This request requires more credits, or fewer max_tokens. You requested up to {tokens} tokens, but can only afford {affordable}. To increase, visit {web}/credits and add more credits"),
        };
    }
}
