using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Route;

/// <summary>
/// Route: which endpoints may serve a request, in which order. Pure. Steps, in this order:
/// <list type="number">
/// <item>every live endpoint of every model asked for becomes a candidate, with its token estimate, costs and health;</item>
/// <item>hard filters (<see cref="CandidateFilters"/>), each verdict kept for the explanation;</item>
/// <item>soft preferences per model: endpoints that support what was asked drop the others (R-15, I-19);</item>
/// <item>order (<see cref="CandidateOrder"/>), which also cuts the list where fallbacks are off .</item>
/// </list>
/// Nothing is allocated per candidate; docs/routing.md tells the whole rule.
/// </summary>
internal static class RoutePlanner
{
    public static RoutePlan Plan(RouteQuery query, ulong seed)
    {
        var rules = OrderingRules.Of(query.Request, query.Exacto);
        var count = 0;
        foreach (var requested in query.Models)
            count += requested.Model.LiveEndpoints.Count;
        var candidates = new RouteCandidate[count];
        var standings = new Standing[count];
        Collect(query, candidates, standings);

        CandidateFilters.Apply(candidates, standings, query);
        SoftPreferences.Apply(candidates, standings, query);
        Span<RouteSort> sorts = stackalloc RouteSort[query.Models.Count];
        for (var i = 0; i < sorts.Length; i++)
            sorts[i] = query.Models[i].Sort;
        var attempts = CandidateOrder.Arrange(standings, sorts, rules, seed);
        return new RoutePlan
        {
            Seed = seed,
            CatalogVersion = query.CatalogVersion,
            Models = query.Models,
            Routed = query.Routed,
            Rules = rules,
            Candidates = candidates,
            Standings = standings,
            Attempts = attempts,
        };
    }

    private static void Collect(RouteQuery query, RouteCandidate[] candidates, Standing[] standings)
    {
        var next = 0;
        for (var order = 0; order < query.Models.Count; order++)
        {
            var requested = query.Models[order];
            var prompt = PromptTokens(query.Request.Content, requested.Model.Architecture.Tokenizer);
            var endpoints = requested.Model.LiveEndpoints;
            for (var i = 0; i < endpoints.Count; i++, next++)
            {
                candidates[next] = Candidate(query, requested.Model, order, endpoints[i], prompt);
                standings[next] = StandingOf(query, in candidates[next], requested.Curated);
            }
        }
    }

    private static RouteCandidate Candidate(RouteQuery query, Model model, int order, ModelEndpoint endpoint, int prompt)
    {
        var whole = prompt;
        // Embeddings are no output that anybody counts.
        var embeddings = query.Request.Embeddings;
        var output = embeddings is null ? OutputTokens(query, endpoint, prompt) : 0;
        if (query.Fit != PromptFit.Whole && PromptWindow.ToShorten(query.Fit, endpoint, model, query.Request) is { } window)
            (prompt, output) = (Math.Max(1, window.Budget), Math.Max(1, window.Output));
        var several = (query.Request.Used & endpoint.Parameters & ParameterSet.N) != ParameterSet.None;
        return new RouteCandidate
        {
            Endpoint = endpoint,
            Model = model,
            ModelOrder = order,
            PromptTokens = prompt,
            Windows = embeddings?.Inputs.Count ?? 1,
            WholePromptTokens = whole,
            OutputCap = output,
            OutputTokens = several ? output * query.Request.N : output,
        };
    }

    private static Standing StandingOf(RouteQuery query, in RouteCandidate candidate, Model? curated)
    {
        var endpoint = candidate.Endpoint;
        var rates = endpoint.Rates;
        var health = query.Health.Of(endpoint.Id);
        var images = query.Request.Content.Images;
        var sticky = candidate.ModelOrder == 0 && query.Sticky is { } last && last.EndpointId == endpoint.Id ? query.Sticky : null;
        // A quarter more prompt than estimated: tokenizers differ from our count, and the hold must not be the thing that was too small.
        var heldPrompt = candidate.PromptTokens + (candidate.PromptTokens / 4) + 1;
        return new Standing
        {
            Model = (byte)candidate.ModelOrder,
            Listed = query.Request.Provider.Order is { Count: > 0 } order
                ? ProviderNames.FirstMatch(endpoint, order, TierFilter.IsAsked(query.Request), Standing.Unlisted)
                : Standing.Unlisted,
            Curated = curated is not null && IsCurated(endpoint, curated),
            Sticky = sticky is not null,
            Resting = health.RestsAt(query.NowMs),
            Circuit = health.CircuitAt(query.NowMs),
            Lowered = endpoint.Status == EndpointStatus.Degraded,
            Deranked = endpoint.Status is EndpointStatus.Down or EndpointStatus.Deranked,
            Health = health,
            Price = rates.Price,
            Estimate = rates.Estimate(
                candidate.PromptTokens, sticky is null ? 0 : Math.Min(sticky.CachedTokens, candidate.PromptTokens), candidate.OutputTokens, images),
            Worst = rates.WorstCase(heldPrompt, candidate.OutputTokens, images),
        };
    }

    private static bool IsCurated(ModelEndpoint endpoint, Model curated)
    {
        foreach (var good in curated.Endpoints)
        {
            if (string.Equals(good.Tag, endpoint.Tag, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Estimated prompt in the model's own tokens: counted text times the group's factor, plus the usual size of media.</summary>
    internal static int PromptTokens(in ContentFacts content, string? tokenizerGroup)
    {
        const int TokensPerImage = 1000;
        const int TokensPerAudioSecond = 32;
        var text = TokenizerGroups.Scale(content.PromptTokens, tokenizerGroup);
        var media = ((long)content.Images * TokensPerImage) + ((long)content.AudioSeconds * TokensPerAudioSecond);
        return (int)Math.Min(int.MaxValue / 4, text + media);
    }

    /// <summary>The longest input of a request for embeddings, in the model's own tokens.</summary>
    internal static int LongestInput(CanonicalRequest request, Model model) => PromptTokens(
        new ContentFacts { PromptTokens = request.Embeddings!.LongestTokens, Images = Math.Min(request.Content.Images, 1) }, model.Architecture.Tokenizer);

    private static int OutputTokens(RouteQuery query, ModelEndpoint endpoint, int prompt)
    {
        var window = Math.Max(1, endpoint.ContextLength - prompt);
        var most = Math.Min(endpoint.MaxCompletionTokens ?? window, window);
        return Math.Max(1, Math.Min(most, query.Request.MaxTokens ?? query.DefaultOutputTokens));
    }
}
