using Fairlead.Accounts.Limits;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Ledger.Holds;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Admit;

/// <summary>
/// The credits held for one request, how many output tokens they cover, and what it counts for against rate limits. Streams without a bound of their own
/// grow it in steps, those of several turns are held anew for each; dispose releases what Settle did not take.
/// </summary>
internal sealed class Admission(Hold hold, RatePermit? permit, RoutePlan plan, bool bounded, int stepTokens) : IDisposable
{
    private long coveredTokens = bounded ? long.MaxValue : LeastHeld(plan);

    public Hold Hold { get; } = hold;

    /// <summary>The plan the limits left: without free models where those are used up and others may answer.</summary>
    public RoutePlan Plan { get; } = plan;

    /// <summary>The hold covers this many tokens of output, by our own count.</summary>
    public bool Covers(long tokens) => tokens <= coveredTokens;

    /// <summary>Grows the hold until it covers <paramref name="tokens"/> counted tokens; false when the credits do not allow it.</summary>
    public async ValueTask<bool> TryCoverAsync(RouteCandidate candidate, long tokens)
    {
        var native = TokenizerGroups.Scale(tokens, candidate.Model.Architecture.Tokenizer);
        while (native > coveredTokens)
        {
            if (!await Hold.TryGrowAsync(candidate.Endpoint.Rates.WorstCompletion(stepTokens)))
                return false;
            coveredTokens += stepTokens;
            permit?.Grow(stepTokens);
        }

        return true;
    }

    /// <summary>Makes the hold as large as <paramref name="amount"/>, or as small; false, and nothing changed, when the credits do not allow it.</summary>
    public ValueTask<bool> TryHoldAsync(Credits amount)
    {
        var held = Hold.Amount;
        if (amount > held)
            return Hold.TryGrowAsync(amount - held);
        Hold.Shrink(held - amount);
        return new(true);
    }

    /// <summary>The hold was made for another answer of the endpoint, after those that <paramref name="written"/> counted tokens of output are of.</summary>
    public void CoverNext(RouteCandidate candidate, long written)
    {
        if (!bounded)
            coveredTokens = TokenizerGroups.Scale(written, candidate.Model.Architecture.Tokenizer) + candidate.OutputTokens;
    }

    /// <summary>
    /// The request is settled: it no longer counts as in flight. Before its end is sent, so that a caller who has read that may send the next.
    /// </summary>
    /// <param name="tokens">What it used.</param>
    /// <param name="model">The model its record names.</param>
    public void Settled(long tokens, Model model) => permit?.Complete(tokens, model.IsFree);

    public void Dispose()
    {
        Hold.Dispose();
        permit?.Dispose();
    }

    private static long LeastHeld(RoutePlan plan)
    {
        var least = long.MaxValue;
        foreach (var index in plan.Attempts)
            least = Math.Min(least, plan.Candidates[index].OutputTokens);
        return least;
    }
}
