using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Routers;

/// <summary>
/// Which models could serve a request: those of which the planner's own filters leave an endpoint, for this request and account. Pure; how endpoints have
/// been doing does not count here, Route orders by it.
/// </summary>
internal readonly record struct RouterFit(InferenceContext Context, CanonicalRequest Request, AccountSettings Account)
{
    // A router answers people: classifiers of harmful text and the like are models too, but not to talk to.
    private static readonly string[] NotToTalkTo = ["guard", "safety", "-apply-", "/morph-"];

    /// <summary>The model takes part in conversations of text and is neither a router nor another name.</summary>
    public static bool Talks(Model model) =>
        model is { Router: RouterKind.None, AliasTarget: null, LiveEndpoints.Count: > 0 } && model.Architecture.OutputModalities.Contains("text")
        && !Array.Exists(NotToTalkTo, word => model.Id.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>An endpoint of the model fits. With <paramref name="strictly"/> it also has the output format asked for, which routing itself only prefers.</summary>
    public bool Serves(Model model, bool strictly)
    {
        if (model.LiveEndpoints.Count == 0)
            return false;
        var plan = RoutePlanner.Plan(
            new RouteQuery
            {
                Request = Request,
                Models = [new RequestedModel(model, RouteSort.Price)],
                CatalogVersion = Context.Catalog.Version,
                Health = HealthSnapshot.Empty,
                NowMs = Context.ArrivedAt.ToUnixTimeMilliseconds(),
                Account = Account,
                Exacto = Context.Catalog.Options.Exacto,
                // Who reads files is decided once the models are known: here they exclude nobody.
                FilesAreRead = true,
            },
            seed: 0);
        if (plan.Attempts.Length == 0 || !strictly || Request.ResponseFormat is not { } format)
            return plan.Attempts.Length > 0;
        var needed = format.Kind == ResponseFormatKind.JsonSchema ? ParameterSet.StructuredOutputs : ParameterSet.ResponseFormat;
        return Array.Exists(plan.Attempts, index => (plan.Candidates[index].Endpoint.Parameters & needed) != ParameterSet.None);
    }
}
