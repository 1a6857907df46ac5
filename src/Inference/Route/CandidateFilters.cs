using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>The hard filters, in the order of R-16. The first that objects is the verdict.</summary>
internal static class CandidateFilters
{
    public static void Apply(RouteCandidate[] candidates, Standing[] standings, RouteQuery query)
    {
        var request = query.Request;
        var asks = !ReferenceEquals(request.Provider, ProviderPreferences.Default);
        var restricted = !ReferenceEquals(query.Account, AccountSettings.Default);
        for (var i = 0; i < candidates.Length; i++)
        {
            ref readonly var candidate = ref candidates[i];
            // What the gateway answers itself goes to nobody: no wish about providers concerns it.
            if (candidate.Model.Router == RouterKind.BodyBuilder)
                continue;
            var filter = RouteFilter.None;
            if (candidate.Endpoint.Tier != ServiceTier.Default || request.ServiceTier is not null)
                filter = TierFilter.Judge(in candidate, candidates, request, query.Models[candidate.ModelOrder].AlsoTier);
            if (filter == RouteFilter.None && (asks || restricted))
                filter = JudgePolicy(in candidate, request.Provider, query.Account);
            if (filter == RouteFilter.None && (asks || restricted))
                filter = JudgeProviders(candidate.Endpoint, request, query.Account);
            if (filter == RouteFilter.None && asks)
                filter = JudgeOffer(candidate.Endpoint, in standings[i], request.Provider);
            standings[i].Filter = filter == RouteFilter.None ? JudgeRequest(in candidate, request, query.FilesAreRead) : filter;
            standings[i].Priority = request.ServiceTier is not null && candidate.Endpoint.Tier == ServiceTier.Priority;
        }

        if (query.Fit != PromptFit.Whole)
            ShortenedPrompts.Readmit(candidates, standings, query);
    }

    private static RouteFilter JudgePolicy(in RouteCandidate candidate, ProviderPreferences wish, AccountSettings account)
    {
        var endpoint = candidate.Endpoint;
        // An unknown policy counts against an endpoint once somebody asks (P44).
        if (wish.DenyDataCollection && endpoint.DataPolicy is not { Training: false, RetainsPrompts: false })
            return RouteFilter.DataCollection;
        if (!(IsFree(in candidate) ? account.AllowFreeTraining : account.AllowPaidTraining) && endpoint.DataPolicy is not { Training: false })
            return RouteFilter.Training;
        if ((wish.Zdr || account.Zdr) && !endpoint.Zdr)
            return RouteFilter.Zdr;
        return wish.EnforceDistillableText && candidate.Model.IsTrainableText != true ? RouteFilter.Distillation : RouteFilter.None;
    }

    private static bool IsFree(in RouteCandidate candidate) => candidate.Model.IsFree || candidate.Endpoint.Rates.Price == 0;

    private static RouteFilter JudgeProviders(ModelEndpoint endpoint, CanonicalRequest request, AccountSettings account)
    {
        var wish = request.Provider;
        var tiers = TierFilter.IsAsked(request);
        if (account.AllowedProviders.Count > 0 && !ProviderNames.MatchesAny(endpoint, account.AllowedProviders, tiers))
            return RouteFilter.AllowedProviders;
        if (wish.Only.Count > 0 && !ProviderNames.MatchesAny(endpoint, wish.Only, tiers))
            return RouteFilter.Only;
        // Whoever ignores a provider ignores all of it.
        return ProviderNames.MatchesAny(endpoint, wish.Ignore, withTiers: true) || ProviderNames.MatchesAny(endpoint, account.IgnoredProviders, withTiers: true)
            ? RouteFilter.Ignored
            : RouteFilter.None;
    }

    private static RouteFilter JudgeOffer(ModelEndpoint endpoint, in Standing standing, ProviderPreferences wish)
    {
        if (wish.Quantizations.Count > 0 && !wish.Quantizations.Contains(endpoint.Quantization ?? "unknown"))
            return RouteFilter.Quantization;
        if (wish.MaxPrice is { } cap && Exceeds(endpoint, cap))
            return RouteFilter.Price;
        if (wish.MinThroughput is { } least && Performance.HasData(standing.Health.Throughput5m) && standing.Health.Throughput5m.P50 < least)
            return RouteFilter.Throughput;
        return wish.MaxLatency is { } most && Performance.HasData(standing.Health.FirstToken5m) && standing.Health.FirstToken5m.P50 > most * 1000
            ? RouteFilter.Latency
            : RouteFilter.None;
    }

    private static bool Exceeds(ModelEndpoint endpoint, MaxPrice cap)
    {
        const decimal Million = 1_000_000m;
        var prices = endpoint.Pricing;
        return prices.Prompt * Million > cap.Prompt || prices.Completion * Million > cap.Completion
            || prices.Request > cap.Request || prices.Image > cap.Image || prices.Audio > cap.Audio;
    }

    private static RouteFilter JudgeRequest(in RouteCandidate candidate, CanonicalRequest request, bool filesAreRead)
    {
        var endpoint = candidate.Endpoint;
        var content = request.Content;
        if ((content.Images | content.Audio | content.Videos | content.Files) != 0 && !Reads(candidate.Model.Architecture, in content, filesAreRead))
            return RouteFilter.InputModality;
        if (request.Modalities.Count > 0 && !Writes(candidate.Model.Architecture, request.Modalities))
            return RouteFilter.OutputModality;
        if (request.MaxTokens > endpoint.MaxCompletionTokens)
            return RouteFilter.OutputLength;
        var prompt = request.Embeddings is null ? candidate.WholePromptTokens : RoutePlanner.LongestInput(request, candidate.Model);
        return PromptWindow.Holds(endpoint, prompt, request) ? JudgeParameters(endpoint, request) : RouteFilter.ContextLength;
    }

    internal static RouteFilter JudgeParameters(ModelEndpoint endpoint, CanonicalRequest request) =>
        request.Provider.RequireParameters && (request.Used & ~endpoint.Parameters) != ParameterSet.None ? RouteFilter.Parameters : RouteFilter.None;

    private static bool Reads(Architecture architecture, in ContentFacts content, bool filesAreRead)
    {
        var read = architecture.InputModalities;
        return (content.Images == 0 || read.Contains("image")) && (content.Audio == 0 || read.Contains("audio"))
            && (content.Videos == 0 || read.Contains("video")) && (content.Files == 0 || filesAreRead || read.Contains("file"));
    }

    private static bool Writes(Architecture architecture, IReadOnlyList<string> modalities)
    {
        foreach (var modality in modalities)
        {
            if (!architecture.OutputModalities.Contains(modality))
                return false;
        }

        return true;
    }
}
