using Fairlead.Catalog.Health;
using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Route;

/// <summary>
/// Route: which endpoints may serve a request, in which order. Pure. Steps, in this order:
/// <list type="number">
/// <item>every live endpoint of every model asked for becomes a candidate, with its token estimate and costs;</item>
/// <item>hard filters (<see cref="CandidateFilters"/>), each verdict kept for the explanation;</item>
/// <item>soft preferences per model: endpoints that support what was asked drop the others (R-15, I-19);</item>
/// <item>order per model (<see cref="CandidateOrder"/>), models in the caller's order;</item>
/// <item><c>allow_fallbacks: false</c> cuts the list .</item>
/// </list>
/// </summary>
internal static class RoutePlanner
{
    public static RoutePlan Plan(RouteQuery query, ulong seed)
    {
        var candidates = Collect(query);
        for (var i = 0; i < candidates.Length; i++)
            candidates[i].Filter = CandidateFilters.Judge(in candidates[i], query.Request);
        SoftPreferences.Apply(candidates, query);

        var attempts = CandidateOrder.Arrange(candidates, query, new RouteRandom(seed));
        return new RoutePlan { Seed = seed, CatalogVersion = query.CatalogVersion, Candidates = candidates, Attempts = attempts };
    }

    private static RouteCandidate[] Collect(RouteQuery query)
    {
        var count = 0;
        foreach (var requested in query.Models)
            count += requested.Model.LiveEndpoints.Count;

        var candidates = new RouteCandidate[count];
        var next = 0;
        for (var order = 0; order < query.Models.Count; order++)
        {
            var model = query.Models[order].Model;
            var prompt = PromptTokens(query.Request.Content, model.Architecture.Tokenizer);
            foreach (var endpoint in model.LiveEndpoints)
                candidates[next++] = Candidate(query, model, order, endpoint, prompt);
        }

        return candidates;
    }

    private static RouteCandidate Candidate(RouteQuery query, Model model, int order, ModelEndpoint endpoint, int prompt)
    {
        var output = OutputTokens(query, endpoint, prompt);
        var prices = endpoint.Pricing;
        var choices = query.Request.Used.HasFlag(ParameterSet.N) && endpoint.Parameters.HasFlag(ParameterSet.N) ? query.Request.N : 1;
        var images = query.Request.Content.Images;
        // A quarter more prompt than estimated: tokenizers differ from our count, and the hold must not be the thing that was too small.
        var heldPrompt = prompt + (prompt / 4) + 1;
        return new RouteCandidate
        {
            Endpoint = endpoint,
            Model = model,
            ModelOrder = order,
            Order = -1,
            Unstable = IsUnstable(query.Health.Of(endpoint.Id), query.NowMs),
            Price = prices.RoutingPrice(),
            PromptTokens = prompt,
            OutputCap = output,
            OutputTokens = output * choices,
            EstimatedCost = prices.Estimate(prompt, output * choices, images),
            WorstCost = prices.WorstCase(heldPrompt, output * choices, images),
        };
    }

    // A probe is due: the endpoint is ordered as if it were stable, and Attempt lets one request through.
    private static bool IsUnstable(EndpointHealth health, long nowMs) =>
        health.RestsAt(nowMs) || (health.CircuitAt(nowMs) is var circuit && circuit != CircuitState.HalfOpen && (health.Outage || circuit == CircuitState.Open));

    /// <summary>Estimated prompt in the model's own tokens: counted text times the group's factor, plus the usual size of media.</summary>
    internal static int PromptTokens(in ContentFacts content, string? tokenizerGroup)
    {
        const int TokensPerImage = 1000;
        const int TokensPerAudioSecond = 32;
        var text = TokenizerGroups.Scale(content.PromptTokens, tokenizerGroup);
        var media = ((long)content.Images * TokensPerImage) + ((long)content.AudioSeconds * TokensPerAudioSecond);
        return (int)Math.Min(int.MaxValue / 4, text + media);
    }

    private static int OutputTokens(RouteQuery query, ModelEndpoint endpoint, int prompt)
    {
        var window = Math.Max(1, endpoint.ContextLength - prompt);
        var most = Math.Min(endpoint.MaxCompletionTokens ?? window, window);
        return Math.Max(1, Math.Min(most, query.Request.MaxTokens ?? query.DefaultOutputTokens));
    }
}
