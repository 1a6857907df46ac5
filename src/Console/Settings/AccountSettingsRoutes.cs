using Fairlead.Accounts;
using Fairlead.Accounts.Settings;
using Fairlead.Console.Http;
using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Settings;

/// <summary>
/// What an account decides about itself: where its requests may go (routing §4.2) and what all its keys together may do per minute and at once. Management
/// keys only. Ours.
/// </summary>
internal static class AccountSettingsRoutes
{
    // As a request's lists are bounded.
    private const int MostProviders = 256;
    private const int LongestProvider = 128;
    private const int LongestModel = 256;

    private static readonly string[] Sorts = ["price", "throughput", "latency", "exacto"];

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
        var change = Read(body);
        return body.Mistake is { } mistake
            ? Answers.Error(mistake, caller)
            : Show(await store.ChangeAsync(caller.AccountId, change, http.RequestAborted));
    }

    private static AccountSettingsChange Read(RequestBody body)
    {
        // Nothing that was meant to protect the account may be passed over in silence.
        body.RefuseOthersThan(
            "default_model", "default_provider_sort", "allowed_providers", "ignored_providers", "allow_paid_training", "allow_free_training", "zdr", "plugins",
            "rpm", "tpm", "concurrency");
        var rates = RateLimitBody.Read(body);
        var plugins = body.Objects("plugins", PluginIds.Known.Length, PluginSettingBody.Expected, PluginSettingBody.Read);
        if (plugins is not null && plugins.DistinctBy(plugin => plugin.Id).Count() < plugins.Count)
            body.Refuse("plugins", "names a plugin twice");
        return new AccountSettingsChange
        {
            DefaultModel = body.Has("default_model") ? new NewValue<string?>(body.TextOrNull("default_model", LongestModel)) : null,
            DefaultProviderSort = body.Has("default_provider_sort") ? new NewValue<string?>(Sort(body)) : null,
            AllowedProviders = Names(body, "allowed_providers"),
            IgnoredProviders = Names(body, "ignored_providers"),
            AllowPaidTraining = body.Flag("allow_paid_training"),
            AllowFreeTraining = body.Flag("allow_free_training"),
            Zdr = body.Flag("zdr"),
            Plugins = plugins,
            Rpm = body.Has("rpm") ? new NewValue<int?>(rates.Rpm) : null,
            Tpm = body.Has("tpm") ? new NewValue<long?>(rates.Tpm) : null,
            Concurrency = body.Has("concurrency") ? new NewValue<int?>(rates.Concurrency) : null,
        };
    }

    private static string? Sort(RequestBody body)
    {
        var at = body.Choice<int>("default_provider_sort", [(null, -1), (Sorts[0], 0), (Sorts[1], 1), (Sorts[2], 2), (Sorts[3], 3)]);
        return at is >= 0 ? Sorts[at.Value] : null;
    }

    private static IReadOnlyList<string>? Names(RequestBody body, string member) =>
        body.Texts(member, MostProviders, LongestProvider) is { } names ? [.. names.Select(name => name.ToLowerInvariant()).Distinct()] : null;

    private static JsonHttpResult<AccountSettingsAnswer> Show(AccountSettings settings) =>
        TypedResults.Json(new AccountSettingsAnswer(AccountSettingsObject.Of(settings)), ConsoleJson.Wire.AccountSettingsAnswer);
}
