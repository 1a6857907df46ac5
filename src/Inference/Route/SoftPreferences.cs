using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Route;

/// <summary>
/// Parameters that choose among endpoints without emptying the list: if one endpoint of a model supports them, those that do not are dropped;
/// if none does, the model stays and the parameter is ignored (routing §5). Tools are the exception: 404 when no model of the request has them,
/// and a <c>tool_choice</c> no endpoint can honour is never silently weakened (I-18).
/// </summary>
internal static class SoftPreferences
{
    private const ParameterSet Wishes = ParameterSet.ResponseFormat | ParameterSet.StructuredOutputs | ParameterSet.Verbosity;

    public static void Apply(RouteCandidate[] candidates, Standing[] standings, RouteQuery query)
    {
        var request = query.Request;
        if ((request.Used & ParameterSet.Tools) != ParameterSet.None)
            ApplyTools(candidates, standings, query);
        if ((request.Used & Wishes) == ParameterSet.None)
            return;
        for (var model = 0; model < query.Models.Count; model++)
            Prefer(candidates, standings, model, RouteFilter.SoftParameters, request, Supports);
    }

    private static void ApplyTools(RouteCandidate[] candidates, Standing[] standings, RouteQuery query)
    {
        var someModelHasTools = false;
        for (var i = 0; i < candidates.Length && !someModelHasTools; i++)
            someModelHasTools = standings[i].Kept && HasTools(candidates[i].Endpoint, query.Request);

        for (var model = 0; model < query.Models.Count; model++)
        {
            if (someModelHasTools)
                Prefer(candidates, standings, model, RouteFilter.Tools, query.Request, HasTools);
            else
                Drop(standings, model, RouteFilter.Tools);
        }
    }

    private static void Prefer(
        RouteCandidate[] candidates, Standing[] standings, int model, RouteFilter verdict, CanonicalRequest request, Func<ModelEndpoint, CanonicalRequest, bool> supports)
    {
        var any = false;
        for (var i = 0; i < candidates.Length && !any; i++)
            any = standings[i].Model == model && standings[i].Kept && supports(candidates[i].Endpoint, request);
        if (!any)
            return;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (standings[i].Model == model && standings[i].Kept && !supports(candidates[i].Endpoint, request))
                standings[i].Filter = verdict;
        }
    }

    private static void Drop(Standing[] standings, int model, RouteFilter verdict)
    {
        foreach (ref var standing in standings.AsSpan())
        {
            if (standing.Model == model && standing.Kept)
                standing.Filter = verdict;
        }
    }

    private static bool HasTools(ModelEndpoint endpoint, CanonicalRequest request)
    {
        if ((endpoint.Parameters & ParameterSet.Tools) == ParameterSet.None)
            return false;
        return request.ToolChoice?.Kind switch
        {
            ToolChoiceKind.Required => endpoint.Target!.ToolChoiceRequired,
            // With one tool a named choice is the same as "required".
            ToolChoiceKind.Function => endpoint.Target!.ToolChoiceFunction || (endpoint.Target.ToolChoiceRequired && request.Content.Tools == 1),
            _ => true,
        };
    }

    private static bool Supports(ModelEndpoint endpoint, CanonicalRequest request)
    {
        var wanted = request.Used & Wishes;
        if (request.ResponseFormat?.Kind == ResponseFormatKind.JsonSchema && (endpoint.Parameters & ParameterSet.StructuredOutputs) != ParameterSet.None)
            wanted &= ~ParameterSet.ResponseFormat;
        else if (request.ResponseFormat?.Kind == ResponseFormatKind.JsonSchema)
            wanted |= ParameterSet.StructuredOutputs;
        return (wanted & ~endpoint.Parameters) == ParameterSet.None;
    }
}
