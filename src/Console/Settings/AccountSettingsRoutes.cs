using System.ComponentModel;
using System.Text.Json.Serialization;
using Fairlead.Accounts;
using Fairlead.Accounts.Settings;
using Fairlead.Console.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Settings;

/// <summary>What an account decides about itself: for now what all its keys together may do per minute and at once. Management keys only. Ours.</summary>
internal static class AccountSettingsRoutes
{
    public static void MapAccountSettings(this IEndpointRouteBuilder api)
    {
        api.MapGet("/account/settings", Get).WithTags("account").WithSummary("The account's settings. Needs a provisioning key.")
            .Produces<AccountSettingsAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403);
        api.MapPatch("/account/settings", ChangeAsync).WithTags("account").WithSummary("Changes the account's settings at once. Needs a provisioning key.")
            .Accepts<AccountSettingsObject>("application/json")
            .Produces<AccountSettingsAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(413);
    }

    private static IResult Get(HttpContext http, CallerCheck callers, AccountSettingsIndex index) =>
        callers.TryIdentifyManager(http, out var caller, out var refusal) ? Show(index.Find(caller.AccountId)) : refusal;

    private static async Task<IResult> ChangeAsync(HttpContext http, CallerCheck callers, AccountSettingsStore store)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        using var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        // Nothing that was meant to protect the account may be passed over in silence.
        body.RefuseOthersThan("rpm", "tpm", "concurrency");
        var rates = RateLimitBody.Read(body);
        if (body.Mistake is { } mistake)
            return Answers.Error(mistake, caller);
        var change = new AccountSettingsChange
        {
            Rpm = body.Has("rpm") ? new NewValue<int?>(rates.Rpm) : null,
            Tpm = body.Has("tpm") ? new NewValue<long?>(rates.Tpm) : null,
            Concurrency = body.Has("concurrency") ? new NewValue<int?>(rates.Concurrency) : null,
        };
        return Show(await store.ChangeAsync(caller.AccountId, change, http.RequestAborted));
    }

    private static JsonHttpResult<AccountSettingsAnswer> Show(AccountSettings settings) => TypedResults.Json(
        new AccountSettingsAnswer(new()
        {
            Rpm = settings.RateLimits.Rpm, Tpm = settings.RateLimits.Tpm, Concurrency = settings.RateLimits.Concurrency,
        }),
        ConsoleJson.Wire.AccountSettingsAnswer);
}

/// <summary>The answer of <c>/account/settings</c>.</summary>
internal sealed record AccountSettingsAnswer([property: JsonPropertyName("data")] AccountSettingsObject Data);

/// <summary>An account's settings; in a PATCH a member that is absent stays as it is, and null takes a limit away.</summary>
internal sealed record AccountSettingsObject
{
    [JsonPropertyName("rpm"), Description("Requests of all keys in any 60 seconds; null is no limit.")]
    public int? Rpm { get; init; }

    [JsonPropertyName("tpm"), Description("Tokens of the requests of all keys begun in any 60 seconds; null is no limit.")]
    public long? Tpm { get; init; }

    [JsonPropertyName("concurrency"), Description("Requests of all keys in flight; null is no limit.")]
    public int? Concurrency { get; init; }
}
