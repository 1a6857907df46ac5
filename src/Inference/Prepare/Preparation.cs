using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>The models a request asks for, resolved against the catalog.</summary>
internal sealed record PreparedRequest(CanonicalRequest Request, IReadOnlyList<RequestedModel> Models);

/// <summary>
/// Prepare: resolves model slugs and their variants, and refuses what this version does not offer in words, rather than ignoring it. No I/O.
/// </summary>
internal static class Preparation
{
    public static Outcome<PreparedRequest> Apply(InferenceContext context, CanonicalRequest request)
    {
        if (NotOffered(request) is { } refusal)
            return refusal;
        if (context.Catalog.Options.MaxModels is > 0 and var most && request.Models.Count > most)
            return GatewayError.Invalid($"'models' array must have {most} items or fewer.", "models");
        var primary = request.Model ?? (request.Models.Count == 0 ? context.Catalog.Options.DefaultModel : null);
        if (primary is null && request.Models.Count == 0)
            return GatewayError.Invalid("No model was given, and this gateway has no default model. Set \"model\".", "model");

        var models = new List<RequestedModel>(1 + request.Models.Count);
        if (primary is not null && Resolve(context.Catalog, primary, "model", request, models) is { } unknown)
            return unknown;
        for (var i = 0; i < request.Models.Count; i++)
        {
            if (Resolve(context.Catalog, request.Models[i], $"models[{i}]", request, models) is { } unknownFallback)
                return unknownFallback;
        }

        return new PreparedRequest(request, models);
    }

    private static GatewayError? Resolve(CatalogSnapshot catalog, string text, string param, CanonicalRequest request, List<RequestedModel> models)
    {
        var reference = ModelReference.Parse(text);
        if (reference.Preset is not null)
            return PresetsNotOffered();
        if (reference.Online)
            return GatewayError.Invalid("Web search (\":online\") is not offered by this version of the gateway. Use the model without the suffix.", param);
        if (catalog.Find(reference.Slug) is not { } model)
            return UnknownModel(catalog, text, reference.Slug, param);

        // An explicit sort or order beats the suffix.
        var explicitSort = request.Provider.Sort switch
        {
            "price" => RouteSort.Price,
            "throughput" => RouteSort.Throughput,
            "latency" => RouteSort.Latency,
            _ => (RouteSort?)null,
        };
        var sort = explicitSort ?? (request.Provider.Order.Count > 0 ? RouteSort.Default : reference.Sort);
        foreach (var known in models)
        {
            if (ReferenceEquals(known.Model, model))
                return null;
        }

        models.Add(new RequestedModel(model, sort));
        return null;
    }

    private static GatewayError? NotOffered(CanonicalRequest request)
    {
        if (request.Preset is not null)
            return PresetsNotOffered();
        if (request.Provider.EnforceDistillableText)
            return GatewayError.Invalid("\"provider.enforce_distillable_text\" is not offered by this version: the catalog does not say which models permit distillation.", "provider.enforce_distillable_text");
        return request.Plugins.Count > 0
            ? GatewayError.Invalid($"Plugin \"{request.Plugins[0]}\" is not offered by this version of the gateway. Remove it from \"plugins\".", "plugins")
            : null;
    }

    private static GatewayError PresetsNotOffered() =>
        GatewayError.Invalid("Presets are not offered by this version of the gateway.", "preset");

    private static GatewayError UnknownModel(CatalogSnapshot catalog, string text, string slug, string param)
    {
        var shown = text.Length <= 200 ? text : text[..200] + "…";
        var nearest = new JsonArray([.. catalog.Nearest(slug, 5).Select(id => (JsonNode)id)]);
        return new GatewayError
        {
            Kind = ErrorKind.InvalidRequest,
            Message = $"{shown} is not a valid model ID",
            Param = param,
            Metadata = nearest.Count > 0 ? new JsonObject { ["nearest"] = nearest } : null,
            Availability = new JsonObject { ["code"] = "model_not_found", ["retryable"] = false, ["requested_models"] = new JsonArray(shown), ["docs_url"] = "/docs" },
        };
    }
}
