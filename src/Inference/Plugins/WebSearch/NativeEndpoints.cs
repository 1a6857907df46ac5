using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>Which endpoints search the web themselves: those with a price for it (or the parameter) whose format we can ask for it in.</summary>
internal static class NativeEndpoints
{
    /// <summary>Perplexity's models always search.</summary>
    private const string Perplexity = "perplexity";

    /// <summary>Wants the user's location another way than the rest of those that speak chat.</summary>
    public static bool IsPerplexity(ModelEndpoint endpoint) => endpoint.Provider.Slug == Perplexity;

    public static bool Search(ModelEndpoint endpoint) => endpoint.Target is { } target && target.Protocol switch
    {
        UpstreamProtocol.OpenAIChat => (endpoint.Parameters & ParameterSet.WebSearchOptions) != ParameterSet.None || IsPerplexity(endpoint),
        UpstreamProtocol.AnthropicMessages => endpoint.Pricing.WebSearch is not null && target.Host != CloudHost.Bedrock,
        UpstreamProtocol.Gemini or UpstreamProtocol.OpenAIResponses => endpoint.Pricing.WebSearch is not null,
        _ => false,
    };

    /// <summary>Whether some or all endpoints of the models search, and what one search costs at the dearest that does, in US dollars; 0 where none does.</summary>
    public static (bool Any, bool All, decimal Dearest) Among(IReadOnlyList<RequestedModel> models)
    {
        var (any, all, dearest) = (false, true, 0m);
        foreach (var requested in models)
        {
            foreach (var endpoint in requested.Model.LiveEndpoints)
            {
                if (Search(endpoint))
                    (any, dearest) = (true, Math.Max(dearest, endpoint.Pricing.WebSearch ?? 0));
                else
                    all = false;
            }
        }

        return (any, any && all, dearest);
    }
}
