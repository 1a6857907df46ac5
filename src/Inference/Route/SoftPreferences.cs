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

    public static void Apply(RouteCandidate[] candidates, RouteQuery query)
    {
        var request = query.Request;
        if (request.Used.HasFlag(ParameterSet.Tools))
            ApplyTools(candidates, query);
        if ((request.Used & Wishes) != ParameterSet.None)
        {
            for (var model = 0; model < query.Models.Count; model++)
                Prefer(candidates, model, RouteFilter.Parameters, request, static (endpoint, asked) => Supports(endpoint, asked));
        }
    }

    private static void ApplyTools(RouteCandidate[] candidates, RouteQuery query)
    {
        var someModelHasTools = false;
        foreach (ref readonly var candidate in candidates.AsSpan())
            someModelHasTools |= candidate.Kept && HasTools(candidate.Endpoint, query.Request);

        for (var model = 0; model < query.Models.Count; model++)
        {
            if (someModelHasTools)
                Prefer(candidates, model, RouteFilter.Tools, query.Request, HasTools);
            else
                Drop(candidates, model, RouteFilter.Tools);
        }
    }

    private static void Prefer(RouteCandidate[] candidates, int model, RouteFilter verdict, CanonicalRequest request, Func<ModelEndpoint, CanonicalRequest, bool> supports)
    {
        var any = false;
        foreach (ref readonly var candidate in candidates.AsSpan())
            any |= candidate.ModelOrder == model && candidate.Kept && supports(candidate.Endpoint, request);
        if (!any)
            return;
        foreach (ref var candidate in candidates.AsSpan())
        {
            if (candidate.ModelOrder == model && candidate.Kept && !supports(candidate.Endpoint, request))
                candidate.Filter = verdict;
        }
    }

    private static void Drop(RouteCandidate[] candidates, int model, RouteFilter verdict)
    {
        foreach (ref var candidate in candidates.AsSpan())
        {
            if (candidate.ModelOrder == model && candidate.Kept)
                candidate.Filter = verdict;
        }
    }

    private static bool HasTools(ModelEndpoint endpoint, CanonicalRequest request)
    {
        if (!endpoint.Parameters.HasFlag(ParameterSet.Tools))
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
        if (request.ResponseFormat?.Kind == ResponseFormatKind.JsonSchema && endpoint.Parameters.HasFlag(ParameterSet.StructuredOutputs))
            wanted &= ~ParameterSet.ResponseFormat;
        else if (request.ResponseFormat?.Kind == ResponseFormatKind.JsonSchema)
            wanted |= ParameterSet.StructuredOutputs;
        return (wanted & ~endpoint.Parameters) == ParameterSet.None;
    }
}
