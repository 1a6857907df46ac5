using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>What the steps before the first endpoint came to: the request as it goes on, the error to show, or neither when the caller left.</summary>
internal readonly record struct PluginResult(PreparedRequest? Request, GatewayError? Error, bool ClientGone);

/// <summary>
/// Runs the plugins' steps that come before the first endpoint, under the hold, and makes the hold as large as what they added to the prompt asks for.
/// </summary>
internal sealed class PluginSteps(ReasoningMemory reasoning)
{
    public async ValueTask<PluginResult> BeforeAsync(PluginCall call, PreparedRequest prepared)
    {
        try
        {
            if (!(await prepared.Plugins.BeforeAsync(call, prepared.Request)).Try(out var changed, out var error))
                return new PluginResult(null, error, false);
            if (ReferenceEquals(changed, prepared.Request))
                return new PluginResult(prepared, null, false);
            if (!call.Context.Dialect.CarriesReasoning)
                changed = reasoning.Restore(call.Context.Key!.AccountId, changed);
            return await TryGrowAsync(call, prepared.Request, changed)
                ? new PluginResult(prepared with { Request = changed }, null, false)
                : new PluginResult(null, TooFewCredits, false);
        }
        catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
        {
            return new PluginResult(null, null, ClientGone: true);
        }
    }

    public static GatewayError TooFewCredits { get; } = new()
    {
        Kind = ErrorKind.PaymentRequired,
        Message = "This request requires more credits: what its plugins added to the prompt costs more than is left. Add credits, or ask for fewer or shorter results.",
    };

    /// <summary>Makes the hold as large as the dearest endpoint asks for with what was added to the prompt; false where credits do not reach.</summary>
    public static async ValueTask<bool> TryGrowAsync(PluginCall call, CanonicalRequest before, CanonicalRequest after)
    {
        var growth = Credits.Zero;
        foreach (var index in call.Plan.Attempts)
        {
            var candidate = call.Plan.Candidates[index];
            var tokenizer = candidate.Model.Architecture.Tokenizer;
            var added = RoutePlanner.PromptTokens(after.Content, tokenizer) - RoutePlanner.PromptTokens(before.Content, tokenizer);
            if (added <= 0)
                continue;
            var prompt = candidate.PromptTokens + added;
            // The same margin as the plan's: tokenizers differ from our count.
            var worst = candidate.Endpoint.Rates.WorstCase(prompt + (prompt / 4) + 1, candidate.OutputTokens, after.Content.Images);
            growth = Credits.Max(growth, worst - Credits.Min(worst, call.Plan.WorstCost));
        }

        return growth == Credits.Zero || await call.Admission.Hold.TryGrowAsync(growth);
    }
}
