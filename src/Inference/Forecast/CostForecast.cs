using Fairlead.Catalog.Pricing;
using Fairlead.Inference.Route;
using Fairlead.Ledger;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Forecast;

/// <summary>What one endpoint would probably charge, in dollars.</summary>
internal readonly record struct EndpointCost(RouteCandidate Candidate, int CompletionTokens, decimal Cost);

/// <summary>
/// What a request would cost, from its plan. Pure, and the same for every draw of the plan.
/// <list type="bullet">
/// <item><c>worst</c>: what Admit holds, the dearest endpoint that may be asked at its dearest price classes and all the output it may write (I-63);</item>
/// <item><c>expected</c>: the endpoints that may be asked first, each by its odds, for the estimated prompt with nothing cached and an answer of
/// usual length;</item>
/// <item><c>cheapest</c>: the endpoint that may be asked, first or later, for which that is least.</item>
/// </list>
/// </summary>
internal sealed record CostForecast(decimal Worst, decimal Expected, EndpointCost Cheapest, int PromptTokens, int CompletionTokens)
{
    /// <param name="plan">A plan with at least one attempt.</param>
    /// <param name="request">The request it was made for.</param>
    /// <param name="at">When it would be sent: some prices hold at certain hours.</param>
    /// <param name="usualTokens">Tokens of an answer of usual length, each choice; fewer where the answer may not be so long.</param>
    public static CostForecast Of(RoutePlan plan, CanonicalRequest request, DateTimeOffset at, int usualTokens)
    {
        var first = plan.Candidates[plan.Attempts[0]];
        var ordered = request.Provider.Order.Count > 0;
        var worst = Credits.Zero;
        var expected = 0m;
        EndpointCost? cheapest = null;
        for (var i = 0; i < plan.Candidates.Length; i++)
        {
            ref readonly var candidate = ref plan.Candidates[i];
            ref readonly var standing = ref plan.Standings[i];
            // Without fallbacks one endpoint is drawn and the others are cut: any of them may be the one.
            var drawable = standing.Filter == RouteFilter.NoFallback && !ordered;
            if (standing.Order < 0 && !drawable)
                continue;
            var cost = CostAt(in candidate, request, at, usualTokens);
            worst = Credits.Max(worst, standing.Worst);
            if (cheapest is not { } least || cost.Cost < least.Cost)
                cheapest = cost;
            if (candidate.ModelOrder == first.ModelOrder)
                expected += cost.Cost * (decimal)standing.Odds;
        }

        return new CostForecast(worst.Dollars, expected, cheapest!.Value, first.PromptTokens, Completion(in first, usualTokens));
    }

    private static EndpointCost CostAt(in RouteCandidate candidate, CanonicalRequest request, DateTimeOffset at, int usualTokens)
    {
        var usage = new Usage { PromptTokens = candidate.PromptTokens, CompletionTokens = Completion(in candidate, usualTokens) };
        var cost = candidate.Endpoint.Pricing.CostOf(usage, new PricingContext { Images = request.Content.Images, At = at });
        return new EndpointCost(candidate, (int)usage.CompletionTokens, cost.Total);
    }

    private static int Completion(in RouteCandidate candidate, int usualTokens) =>
        Math.Min(candidate.OutputCap, usualTokens) * (candidate.OutputTokens / candidate.OutputCap);
}
