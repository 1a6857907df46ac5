using Fairlead.Inference.Admit;
using Fairlead.Inference.Route;

namespace Fairlead.Inference.Plugins;

/// <summary>Where a plugin's step runs: the request's facts and its hold.</summary>
internal readonly record struct PluginCall(InferenceContext Context, RoutePlan Plan, Admission Admission)
{
    /// <summary>The caller left.</summary>
    public CancellationToken Cancellation => Context.Http.RequestAborted;
}
