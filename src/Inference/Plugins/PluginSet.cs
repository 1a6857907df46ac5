using Fairlead.Accounts.Settings;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>Every plugin this gateway has, in the order they act.</summary>
internal sealed class PluginSet(IEnumerable<IPlugin> plugins)
{
    // Read by the router models while the model is chosen, before there are models to begin with.
    private static readonly string[] OfRouters = ["auto-router"];

    private readonly IPlugin[] plugins = [.. plugins];

    /// <summary>The plugins that have something to do for a request. An id that is asked for and that this gateway does not have is an error, never passed over.</summary>
    public Outcome<PluginRuns> Begin(InferenceContext context, CanonicalRequest request, IReadOnlyList<RequestedModel> models, AccountSettings account)
    {
        if ((request.Plugins.Count > 0 || account.Plugins.Count > 0) && Missing(request, account) is { } missing)
            return missing;
        List<PluginRun>? runs = null;
        foreach (var plugin in plugins)
        {
            var start = new PluginStart
            {
                Context = context, Request = request, Models = models, Account = account, Choice = PluginChoice.Of(plugin.Id, request, account),
            };
            if (plugin.Begin(in start, out var run) is { } error)
                return error;
            if (run is not null)
                (runs ??= []).Add(run);
        }

        return runs is null ? PluginRuns.None : new PluginRuns(runs);
    }

    private GatewayError? Missing(CanonicalRequest request, AccountSettings account)
    {
        foreach (var entry in request.Plugins)
        {
            if (entry.Enabled && !Has(entry.Id) && PluginChoice.Of(entry.Id, request, account).IsOn)
                return GatewayError.Invalid($"Plugin \"{entry.Id}\" is not offered by this gateway. Remove it from \"plugins\".", "plugins");
        }

        foreach (var setting in account.Plugins)
        {
            if (setting.Enabled && !Has(setting.Id) && PluginChoice.Of(setting.Id, request, account).IsOn)
                return GatewayError.Invalid($"Plugin \"{setting.Id}\" is not offered by this gateway. It is switched on in the account's settings.", "plugins");
        }

        return null;
    }

    private bool Has(string id) => Array.Exists(plugins, plugin => plugin.Id == id) || OfRouters.Contains(id);
}
