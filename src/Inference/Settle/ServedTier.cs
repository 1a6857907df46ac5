using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Settle;

/// <summary>
/// The tier an answer was served at, and its prices (routing §15: billed at the tier that served). A provider that was asked for a tier and says it served
/// at its default one is paid as its default endpoint of the model; where the catalog has none, the prices of the endpoint that was called are all there is.
/// </summary>
internal static class ServedTier
{
    public static (ServiceTier Tier, PriceSheet Prices) Of(in AnswerFacts facts)
    {
        var candidate = facts.Candidate;
        var endpoint = candidate.Endpoint;
        return endpoint.Tier == ServiceTier.Default || !facts.ServedAtDefaultTier
            ? (endpoint.Tier, endpoint.Pricing)
            : (ServiceTier.Default, DefaultOf(candidate.Model, endpoint)?.Pricing ?? endpoint.Pricing);
    }

    /// <summary>The endpoint whose tag is the same without the tier.</summary>
    private static ModelEndpoint? DefaultOf(Model model, ModelEndpoint endpoint)
    {
        var tag = endpoint.Tag.AsSpan(0, endpoint.Tag.LastIndexOf('/'));
        foreach (var other in model.Endpoints)
        {
            if (tag.Equals(other.Tag, StringComparison.OrdinalIgnoreCase))
                return other;
        }

        return null;
    }
}
