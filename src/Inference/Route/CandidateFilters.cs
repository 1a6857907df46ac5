using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>The hard filters, in the order of R-16. The first that objects is the verdict.</summary>
internal static class CandidateFilters
{
    public static RouteFilter Judge(in RouteCandidate candidate, CanonicalRequest request)
    {
        var endpoint = candidate.Endpoint;
        var wish = request.Provider;
        if (!ReferenceEquals(wish, ProviderPreferences.Default))
        {
            if ((wish.Zdr && !endpoint.Zdr) || (wish.DenyDataCollection && Collects(endpoint.DataPolicy)))
                return RouteFilter.DataPolicy;
            if ((wish.Only.Count > 0 && !MatchesAny(endpoint, wish.Only)) || (wish.Ignore.Count > 0 && MatchesAny(endpoint, wish.Ignore)))
                return RouteFilter.Providers;
            if (wish.Quantizations.Count > 0 && !wish.Quantizations.Contains(endpoint.Quantization ?? "unknown"))
                return RouteFilter.Quantization;
            if (wish.MaxPrice is { } cap && Exceeds(endpoint, cap))
                return RouteFilter.Price;
        }

        if (!ModalitiesFit(candidate.Model.Architecture, request))
            return RouteFilter.Modality;
        if (request.MaxTokens > endpoint.MaxCompletionTokens)
            return RouteFilter.OutputLength;
        if (!ContextFits(in candidate, request))
            return RouteFilter.ContextLength;
        if (wish.RequireParameters && (request.Used & ~endpoint.Parameters) != ParameterSet.None)
            return RouteFilter.Parameters;
        return RouteFilter.None;
    }

    /// <summary>A bare slug matches every endpoint of the provider except its service tiers; a full tag only itself; display names match too .</summary>
    public static bool Matches(ModelEndpoint endpoint, string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return string.Equals(endpoint.Tag, name, StringComparison.OrdinalIgnoreCase);
        if (endpoint.Tag.EndsWith("/priority", StringComparison.Ordinal) || endpoint.Tag.EndsWith("/flex", StringComparison.Ordinal))
            return false;
        return string.Equals(endpoint.Provider.Slug, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(endpoint.Provider.Name, name, StringComparison.OrdinalIgnoreCase);
    }

    private static bool MatchesAny(ModelEndpoint endpoint, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (Matches(endpoint, name))
                return true;
        }

        return false;
    }

    /// <summary>An unknown policy counts as collecting once the caller asks (P44).</summary>
    private static bool Collects(DataPolicy? policy) => policy is not { Training: false, RetainsPrompts: false };

    private static bool Exceeds(ModelEndpoint endpoint, MaxPrice cap)
    {
        const decimal Million = 1_000_000m;
        var prices = endpoint.Pricing;
        return prices.Prompt * Million > cap.Prompt || prices.Completion * Million > cap.Completion
            || prices.Request > cap.Request || prices.Image > cap.Image || prices.Audio > cap.Audio;
    }

    private static bool ModalitiesFit(Architecture architecture, CanonicalRequest request)
    {
        var content = request.Content;
        if ((content.Images > 0 && !architecture.InputModalities.Contains("image"))
            || (content.Audio > 0 && !architecture.InputModalities.Contains("audio"))
            || (content.Videos > 0 && !architecture.InputModalities.Contains("video"))
            || (content.Files > 0 && !architecture.InputModalities.Contains("file")))
            return false;
        foreach (var modality in request.Modalities)
        {
            if (!architecture.OutputModalities.Contains(modality))
                return false;
        }

        return true;
    }

    private static bool ContextFits(in RouteCandidate candidate, CanonicalRequest request)
    {
        // 5 % less than estimated: the count may be too high, and excluding wrongly is worse than the provider's own refusal.
        var prompt = candidate.PromptTokens - (candidate.PromptTokens / 20);
        var endpoint = candidate.Endpoint;
        return prompt <= (endpoint.MaxPromptTokens ?? int.MaxValue)
            && (long)prompt + (request.MaxTokens ?? 1) <= endpoint.ContextLength;
    }
}
