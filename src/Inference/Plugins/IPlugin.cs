using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins;

/// <summary>
/// One plugin (routing §11): a folder of its own under this one, with its options, its steps and its price, and a page in <c>docs/plugins</c>. Registered by one
/// line in <see cref="PluginServices"/>; nothing else names it. Stateless between requests.
/// </summary>
internal interface IPlugin
{
    /// <summary>The id callers know it by, one of <see cref="Protocols.Canonical.PluginIds.Known"/>.</summary>
    string Id { get; }

    /// <summary>
    /// Prepare: reads the options and decides whether there is something to do; no I/O. Asked for every request, those that do not name it too, so it must cost
    /// nothing where it has nothing to do.
    /// </summary>
    /// <param name="start">The request, and what it and its account say about this plugin.</param>
    /// <param name="run">Its work on this request; null where there is none.</param>
    /// <returns>Why the request cannot go on; null otherwise.</returns>
    GatewayError? Begin(in PluginStart start, out PluginRun? run);
}
