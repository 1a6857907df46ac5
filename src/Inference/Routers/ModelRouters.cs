using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers.Auto;

namespace Fairlead.Inference.Routers;

/// <summary>The routers that stand in the place of a model (routing §8). Only requests that name one come here.</summary>
internal sealed class ModelRouters(AutoRouter auto, PromptCaches caches)
{
    /// <summary>The models a router chooses for a request.</summary>
    /// <param name="router">The router's row of the catalog.</param>
    /// <param name="fit">The request.</param>
    /// <param name="param">Where the caller named it.</param>
    public Outcome<RouterChoice> Choose(Model router, RouterFit fit, string param) => router.Router switch
    {
        RouterKind.Auto => AutoSettings.Of(fit.Request, fit.Account).Try(out var settings, out var error) ? auto.Choose(fit, settings, Before(fit, router)) : error,
        RouterKind.Free => FreeRouter.Choose(fit),
        RouterKind.BodyBuilder => new RouterChoice([router], new Routed(router.Id, RouterKind.BodyBuilder, null, "answered by the gateway itself, by rules")),
        _ => RouterErrors.NotOffered(router.Id, param),
    };

    /// <summary>The model the conversation was given to before (routing §9).</summary>
    private Model? Before(RouterFit fit, Model router) =>
        fit.Context.Key is { } key && caches.FindModel(fit.Request, key.AccountId, router.Id, fit.Context.ArrivedAt) is { } model ? fit.Context.Catalog.Find(model) : null;
}
