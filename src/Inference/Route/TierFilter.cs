using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>
/// Endpoints of a service tier serve only who asks: by <c>service_tier</c>, by their full tag in <c>only</c> or <c>order</c>, or by the variants <c>:nitro</c>
/// and <c>:floor</c> (routing §15). <c>flex</c> takes the flex endpoints of a model alone where it has some.
/// </summary>
internal static class TierFilter
{
    public static RouteFilter Judge(in RouteCandidate candidate, RouteCandidate[] all, CanonicalRequest request, ServiceTier admitted)
    {
        var endpoint = candidate.Endpoint;
        if (endpoint.Tier != ServiceTier.Default && endpoint.Tier == admitted)
            return RouteFilter.None;
        if (Names(request.Provider.Only, endpoint) || Names(request.Provider.Order, endpoint))
            return RouteFilter.None;
        var serves = (endpoint.Tier, request.ServiceTier) switch
        {
            (ServiceTier.Priority, "priority" or "fast") or (ServiceTier.Flex, "flex") => true,
            (ServiceTier.Default, "flex") => !HasFlex(all, candidate.ModelOrder),
            (ServiceTier.Default, _) => true,
            _ => false,
        };
        return serves ? RouteFilter.None : RouteFilter.ServiceTier;
    }

    /// <summary>The request asks for a tier, so that a bare slug in <c>only</c>, <c>order</c> and the account's allowed providers means tiers too (§4.1).</summary>
    public static bool IsAsked(CanonicalRequest request) => request.ServiceTier is "priority" or "fast" or "flex";

    private static bool Names(IReadOnlyList<string> names, ModelEndpoint endpoint) =>
        endpoint.Tier != ServiceTier.Default && names.Count > 0 && ProviderNames.MatchesAny(endpoint, names, withTiers: false);

    private static bool HasFlex(RouteCandidate[] all, int model)
    {
        foreach (ref readonly var candidate in all.AsSpan())
        {
            if (candidate.ModelOrder == model && candidate.Endpoint.Tier == ServiceTier.Flex)
                return true;
        }

        return false;
    }
}
