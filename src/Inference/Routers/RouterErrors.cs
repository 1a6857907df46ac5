using System.Text.Json.Nodes;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Routers;

/// <summary>Why a router has no model for a request.</summary>
internal static class RouterErrors
{
    /// <summary>A router of the contract that is not here .</summary>
    public static GatewayError NotOffered(string slug, string param) => GatewayError.Invalid(
        $"The router {slug} is not offered by this gateway. \"{Catalog.Snapshot.RouterSlugs.Auto}\" chooses a model by what the prompt asks for; or name a model.", param);

    public static GatewayError NothingLeft(string slug, string reason) => new()
    {
        Kind = ErrorKind.NotFound,
        Message = $"No endpoints found for {slug}: {reason}",
        Availability = new JsonObject { ["code"] = "no_endpoints", ["retryable"] = false, ["requested_models"] = new JsonArray(slug), ["docs_url"] = "/docs" },
    };
}
