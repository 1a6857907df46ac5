using System.Text.Json.Serialization;
using Fairlead.Console.Http;
using Fairlead.Ledger;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Credits;

/// <summary>An account's lifetime credits and usage (platform §5); management keys only (P4).</summary>
internal static class CreditRoutes
{
    public static void MapCredits(this IEndpointRouteBuilder api)
    {
        api.MapGet("/credits", GetAsync).WithTags("credits").WithSummary("Credits bought and spent, in US dollars. Needs a provisioning key.")
            .Produces<CreditsAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403);
        api.MapPost("/credits/coinbase", Removed).WithTags("credits").WithSummary("Removed: buying credits with Coinbase.").Produces<ErrorAnswer>(410);
    }

    private static IResult Removed() => Answers.Error(new()
    {
        Kind = ErrorKind.NotFound, Status = StatusCodes.Status410Gone,
        Message = "This endpoint was removed. Credits are added by the operator, with \"fairlead credits add\".",
    });

    private static async Task<IResult> GetAsync(HttpContext http, CallerCheck callers, CreditLedger ledger)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        var balance = await ledger.BalanceAsync(caller.AccountId);
        return TypedResults.Json(new CreditsAnswer(new(balance.TotalCredits.Dollars, balance.TotalUsage.Dollars)), ConsoleJson.Wire.CreditsAnswer);
    }
}

/// <summary>The answer of <c>/credits</c>.</summary>
internal sealed record CreditsAnswer([property: JsonPropertyName("data")] CreditsObject Data);

internal sealed record CreditsObject(
    [property: JsonPropertyName("total_credits")] decimal TotalCredits,
    [property: JsonPropertyName("total_usage")] decimal TotalUsage);
