using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Console.Http;

/// <summary>The answers that many endpoints give.</summary>
internal static class Answers
{
    /// <summary>What may be cached of the catalog, and for how long (P9).</summary>
    public const string CatalogCaching = "public, max-age=60, stale-while-revalidate=300";

    /// <summary>A failure in the contract's shape.</summary>
    public static IResult Error(GatewayError error, ApiKey? caller = null)
    {
        var metadata = new JsonObject { ["error_type"] = ErrorKinds.WireName(error.Kind) };
        foreach (var (name, value) in error.Metadata ?? [])
            metadata[name] = value?.DeepClone();
        var body = new ErrorAnswer
        {
            Error = new() { Code = error.Status, Message = error.Message, Param = error.Param, Metadata = metadata },
            UserId = string.IsNullOrEmpty(caller?.AccountPublicId) ? null : caller.AccountPublicId,
        };
        return TypedResults.Json(body, ConsoleJson.Wire.ErrorAnswer, statusCode: error.Status);
    }

    /// <summary>404, with what is near where that is known.</summary>
    public static IResult NotFound(string message, IReadOnlyList<string>? nearest = null, ApiKey? caller = null) => Error(
        new()
        {
            Kind = ErrorKind.NotFound,
            Message = message,
            Metadata = nearest is { Count: > 0 } ? new() { ["nearest"] = new JsonArray([.. nearest.Select(id => JsonValue.Create(id))]) } : null,
        },
        caller);
}
