using System.Text.Json.Nodes;
using Fairlead.Accounts.Keys;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Console.Http;

/// <summary>The answers that many endpoints give.</summary>
internal static class Answers
{
    /// <summary>Lets shared caches keep a catalog answer (P9). It is marked for browsers even when none asked: the cache may serve one later.</summary>
    public static void AllowCaching(HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=60, stale-while-revalidate=300";
        ApiCors.Mark(response);
    }

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
