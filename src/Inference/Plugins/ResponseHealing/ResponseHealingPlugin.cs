using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.ResponseHealing;

/// <summary><c>response-healing</c> (routing §11.4): makes JSON of whole answers that were to be JSON and are not quite. No options, no price.</summary>
internal sealed class ResponseHealingPlugin : IPlugin
{
    public string Id => "response-healing";

    public GatewayError? Begin(in PluginStart start, out PluginRun? run)
    {
        run = start.Choice.IsOn && start.Request is { Stream: false, ResponseFormat.Kind: ResponseFormatKind.JsonSchema or ResponseFormatKind.JsonObject }
            ? new ResponseHealingRun(Id, start.Request.ResponseFormat.Kind)
            : null;
        return null;
    }
}
