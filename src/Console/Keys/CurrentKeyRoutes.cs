using Fairlead.Accounts.Keys;
using Fairlead.Accounts.Limits;
using Fairlead.Catalog.Snapshot;
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
        api.MapGet("/key", GetAsync).WithTags("keys").WithSummary("The calling key: limit, usage, kind.").Produces<CurrentKeyAnswer>().Produces<ErrorAnswer>(401);
        // Older clients still ask here (P5).
        api.MapGet("/auth/key", GetAsync).WithTags("keys").WithSummary("The same as /key.").Produces<CurrentKeyAnswer>().Produces<ErrorAnswer>(401);
    }

    private static async Task<IResult> GetAsync(HttpContext http, CallerCheck callers, CreditLedger ledger, RateLimiter rates, CatalogSource catalog)
    {
        if (!callers.TryIdentify(http, out var key, out var refusal))
            return refusal;
        var usage = await ledger.UsageAsync(key.AccountId, key.Id);
        var purchased = ledger.Balance(key.AccountId).TotalPurchased;
        var freeModels = FreeModelRequestsObject.From(
            catalog.Current.Options.FreeModels.PerDayFor(purchased), await rates.FreeModelRequestsAsync(key.AccountId));
        return TypedResults.Json(
            new CurrentKeyAnswer(ToCurrentKeyObject(key, usage, purchased == Ledger.Credits.Zero, freeModels)), ConsoleJson.Wire.CurrentKeyAnswer);
    }

    private static CurrentKeyObject ToCurrentKeyObject(ApiKey key, KeyUsage usage, bool neverPaid, FreeModelRequestsObject freeModels) => new()
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
        FreeModelDailyRequests = freeModels,
        ExpiresAt = key.ExpiresAt,
        CreatorUserId = string.IsNullOrEmpty(key.AccountPublicId) ? null : key.AccountPublicId,
    };
}
