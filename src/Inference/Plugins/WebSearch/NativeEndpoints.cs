using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary>Which endpoints search the web themselves: those with a price for it (or the parameter) whose format we can ask for it in.</summary>
internal static class NativeEndpoints
{
    /// <summary>Perplexity's models always search.</summary>
    private const string Perplexity = "perplexity";

    public static bool Search(ModelEndpoint endpoint) => endpoint.Target is { } target && target.Protocol switch
    {
        UpstreamProtocol.OpenAIChat => (endpoint.Parameters & ParameterSet.WebSearchOptions) != ParameterSet.None || endpoint.Provider.Slug == Perplexity,
        UpstreamProtocol.AnthropicMessages => endpoint.Pricing.WebSearch is not null && target.Host != CloudHost.Bedrock,
        UpstreamProtocol.Gemini or UpstreamProtocol.OpenAIResponses => endpoint.Pricing.WebSearch is not null,
        _ => false,
    };

    /// <summary>What one search costs at the dearest of a model's endpoints that search; 0 where none does.</summary>
    public static decimal DearestSearch(Model model)
    {
        var dearest = 0m;
        foreach (var endpoint in model.LiveEndpoints)
            dearest = Search(endpoint) ? Math.Max(dearest, endpoint.Pricing.WebSearch ?? 0) : dearest;
        return dearest;
    }
}
