using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Prepare;

/// <summary>What is said about models that cannot be had (inference §13.4, I-60).</summary>
internal static class ModelErrors
{
    public static GatewayError Unknown(CatalogSnapshot catalog, string text, string slug, string param)
    {
        var shown = Shown(text);
        var nearest = new JsonArray([.. catalog.Nearest(slug, 5).Select(id => (JsonNode)id)]);
        return new GatewayError
        {
            Kind = ErrorKind.InvalidRequest,
            Message = $"{shown} is not a valid model ID",
            Param = param,
            Metadata = nearest.Count > 0 ? new JsonObject { ["nearest"] = nearest } : null,
            Availability = Availability("model_not_found", shown),
        };
    }

    /// <summary>The free variant is gone and the model itself is not: never silently the paid one .</summary>
    public static GatewayError FreeVariantEnded(string slug)
    {
        var shown = Shown(slug);
        return new GatewayError
        {
            Kind = ErrorKind.NotFound,
            Message = $"No endpoints found for {shown}. Without \"{Model.FreeSuffix}\" the model is available, for its price.",
            Availability = Availability("free_variant_ended", shown),
        };
    }

    /// <summary>A model of embeddings asked for an answer, or the other way round (inference §11, §13.4).</summary>
    public static GatewayError WrongKind(Model model) => new()
    {
        Kind = ErrorKind.InvalidRequest,
        Message = model.IsEmbedding
            ? $"{model.Id} makes embeddings: call /api/v1/embeddings with it."
            : $"{model.Id} is not an embedding model. /api/v1/embeddings/models lists those there are.",
        Param = "model",
        Availability = Availability("wrong_endpoint", model.Id),
    };

    private static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private static JsonObject Availability(string code, string model) =>
        new() { ["code"] = code, ["retryable"] = false, ["requested_models"] = new JsonArray(model), ["docs_url"] = "/docs" };
}
