using Fairlead.Accounts.Keys;
using Fairlead.Console.Http;
using Fairlead.Ledger;
using Fairlead.Ledger.Holds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Keys;

/// <summary>What the calling key may spend and has spent (platform §7.1); either kind of key.</summary>
internal static class CurrentKeyRoutes
{
    public static void MapCurrentKey(this IEndpointRouteBuilder api)
    {
        api.MapGet("/key", Get).WithTags("keys").WithSummary("The calling key: limit, usage, kind.").Produces<CurrentKeyAnswer>().Produces<ErrorAnswer>(401);
        // Older clients still ask here (P5).
        api.MapGet("/auth/key", Get).WithTags("keys").WithSummary("The same as /key.").Produces<CurrentKeyAnswer>().Produces<ErrorAnswer>(401);
    }

    private static IResult Get(HttpContext http, CallerCheck callers, CreditLedger ledger)
    {
        if (!callers.TryIdentify(http, out var key, out var refusal))
            return refusal;
        var usage = ledger.Usage(key.AccountId, key.Id);
        var neverPaid = ledger.Balance(key.AccountId).TotalPurchased == Ledger.Credits.Zero;
        return TypedResults.Json(new CurrentKeyAnswer(ToCurrentKeyObject(key, usage, neverPaid)), ConsoleJson.Wire.CurrentKeyAnswer);
    }

    private static CurrentKeyObject ToCurrentKeyObject(ApiKey key, KeyUsage usage, bool neverPaid) => new()
    {
        Label = key.Label,
        Limit = key.Limit?.Dollars,
        LimitRemaining = key.SpendingLimit is { } limit ? usage.RemainingOf(limit).Dollars : null,
        LimitReset = LimitResetNames.Of(key.Reset),
        IncludeByokInLimit = key.IncludeByokInLimit,
        Usage = usage.Total.Dollars,
        UsageDaily = usage.Daily.Dollars,
        UsageWeekly = usage.Weekly.Dollars,
        UsageMonthly = usage.Monthly.Dollars,
        ByokUsage = usage.ByokTotal.Dollars,
        ByokUsageDaily = usage.ByokDaily.Dollars,
        ByokUsageWeekly = usage.ByokWeekly.Dollars,
        ByokUsageMonthly = usage.ByokMonthly.Dollars,
        IsFreeTier = neverPaid,
        IsManagementKey = key.IsProvisioning,
        IsProvisioningKey = key.IsProvisioning,
        ExpiresAt = key.ExpiresAt,
        CreatorUserId = string.IsNullOrEmpty(key.AccountPublicId) ? null : key.AccountPublicId,
    };
}
