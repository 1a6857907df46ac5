using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>Gathers the models of one request, in the caller's order, each once: those that answer, or those that make <c>embeddings</c>.</summary>
internal sealed class ModelList(CatalogSnapshot catalog, SortChoice sorts, ModelRouters? routers = null, RouterFit fit = default, bool embeddings = false)
{
    public List<RequestedModel> Found { get; } = new(1);

    /// <summary>One of them was asked for with <c>:online</c>.</summary>
    public bool Online { get; private set; }

    /// <summary>What a router among them decided; null without one.</summary>
    public Routed? Routed { get; private set; }

    /// <summary>The error of a free variant that is gone or of a router without a model, shown when no other model was found.</summary>
    public GatewayError? Ended { get; private set; }

    /// <summary>Adds the model of a slug, or says why it cannot be.</summary>
    public GatewayError? Add(string text, string param)
    {
        var reference = ModelReference.Parse(text);
        Online |= reference.Online;
        if ((catalog.Find(reference.Slug) ?? catalog.FindLatest(reference.Slug)) is not { } model)
        {
            if (RouterSlugs.KindOf(reference.Slug) != RouterKind.None)
                return RouterErrors.NotOffered(reference.Slug, param);
            if (FreeVariantOf(reference.Slug) is null)
                return ModelErrors.Unknown(catalog, text, reference.Slug, param);
            Ended ??= ModelErrors.FreeVariantEnded(reference.Slug);
            return null;
        }

        if (model.IsEmbedding != embeddings)
            return ModelErrors.WrongKind(model);
        if (model.Router != RouterKind.None && routers is not null)
            return AddChosen(routers, model, reference, param);
        if (model is { IsFree: true, LiveEndpoints.Count: 0 } && FreeVariantOf(model.Id) is not null)
        {
            Ended ??= ModelErrors.FreeVariantEnded(model.Id);
            return null;
        }

        Add(model, reference);
        return null;
    }

    private void Add(Model model, in ModelReference reference)
    {
        foreach (var known in Found)
        {
            if (ReferenceEquals(known.Model, model))
                return;
        }

        Found.Add(new RequestedModel(model, sorts.For(reference.Sort), reference.Sort == RouteSort.Exacto ? catalog.Find(model.Id + ":exacto") : null, sorts.AlsoTier(reference.Sort)));
    }

    /// <summary>The models a router chooses, in its place. A router that has none is passed over where the request names other models too.</summary>
    private GatewayError? AddChosen(ModelRouters routers, Model router, in ModelReference reference, string param)
    {
        if (!routers.Choose(router, fit, param).Try(out var choice, out var error))
        {
            if (error.Kind != ErrorKind.NotFound)
                return error;
            Ended ??= error;
            return null;
        }

        var from = Found.Count;
        foreach (var model in choice.Models)
            Add(model, reference);
        Routed ??= choice.Routed with { From = from, Count = Found.Count - from };
        return null;
    }

    /// <summary>The model, with endpoints, of which a slug names the free variant.</summary>
    private Model? FreeVariantOf(string slug) => slug.EndsWith(Model.FreeSuffix, StringComparison.OrdinalIgnoreCase)
        && catalog.Find(slug.AsSpan(0, slug.Length - Model.FreeSuffix.Length)) is { LiveEndpoints.Count: > 0 } paid ? paid : null;
}
