using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.Moderation;

/// <summary>
/// <c>moderation</c> (routing §11.6): what callers send is judged before a model sees it, for endpoints that must have it so and where it is asked for. Without a
/// service or rules of the operator it does nothing.
/// </summary>
internal sealed class ModerationPlugin(Moderator moderator) : IPlugin
{
    public string Id => "moderation";

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = null;
        var options = start.Context.Catalog.Options.Moderation;
        if (options.IsSetUp && (start.Choice.IsOn || HasModerated(in start)))
            run = new ModerationRun(Id, moderator, options, isAsked: start.Choice.IsOn);
        return null;
    }

    private static bool HasModerated(in PluginStart start)
    {
        foreach (var requested in start.Models)
        {
            foreach (var endpoint in requested.Model.LiveEndpoints)
            {
                if (endpoint.IsModerated)
                    return true;
            }
        }

        return false;
    }
}
