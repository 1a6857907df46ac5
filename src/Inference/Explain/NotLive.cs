using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;

namespace Fairlead.Inference.Explain;

/// <summary>Why a model has no endpoint that could answer, a line each: what an operator has to set.</summary>
internal static class NotLive
{
    // A model may have dozens of endpoints; the reasons of the first are enough to go on.
    private const int MostReasons = 10;

    public static IReadOnlyList<string> Lines(IReadOnlyList<RequestedModel> models) =>
        [.. models.Where(static requested => requested.Model.LiveEndpoints.Count == 0).SelectMany(static requested => Of(requested.Model))];

    private static IEnumerable<string> Of(Model model)
    {
        if (model.Endpoints.Count == 0)
        {
            yield return $"{model.Id}: the catalog knows nobody who serves it.";
            yield break;
        }

        var reasons = model.Endpoints.Select(endpoint => $"{endpoint.Tag} ({model.Id}) cannot be reached: {Reason(endpoint)}").ToList();
        foreach (var reason in reasons.Take(MostReasons))
            yield return "  -  " + reason;
        if (reasons.Count > MostReasons)
            yield return $"  … and {reasons.Count - MostReasons} more.";
    }

    private static string Reason(ModelEndpoint endpoint) => endpoint.NotDispatchable ?? endpoint.Provider.NotLive ?? EndpointStatus.WhyWithheld(endpoint.Status)!;
}
