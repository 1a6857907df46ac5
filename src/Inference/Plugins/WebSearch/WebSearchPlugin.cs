using Fairlead.Catalog.Pricing;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.WebSearch;

/// <summary><c>web</c> (routing §11.2): answers from a search of the web, by the provider itself or by a service of the operator's.</summary>
internal sealed class WebSearchPlugin(SearchClient client) : IPlugin
{
    public string Id => PluginFee.Web;

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = null;
        if (!start.Choice.IsOn)
            return null;
        var options = start.Choice.Options(Id);
        var settings = WebSearchSettings.Read(options, start.Request, start.Context.Catalog.Options.WebSearch);
        if (options.Error is { } error)
            return error;

        var (native, _, dearest) = NativeEndpoints.Among(start.Models);
        if (settings.Engine == SearchEngine.Native && !native)
            return GatewayError.Invalid("plugins.web.engine is \"native\", and no endpoint of the models asked for searches the web itself.", "plugins.web.engine");
        if (settings.Service is null && !native)
        {
            return GatewayError.Invalid(
                "Web search is not set up on this gateway, and no endpoint of the models asked for searches the web itself. Its operator can set EXA_API_KEY, or the address of a SearXNG (inference.web_search).",
                "plugins");
        }

        run = new WebSearchRun(client, settings, dearest);
        return null;
    }
}
