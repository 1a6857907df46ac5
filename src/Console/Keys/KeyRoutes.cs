using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fairlead.Accounts.Keys;
using Fairlead.Console.Http;
using Fairlead.Ledger.RollUps;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Keys;

/// <summary>Makes, lists, changes and deletes the API keys of the caller's account (platform §7.2). Management keys call it and are not shown by it (P18).</summary>
internal static class KeyRoutes
{
    private const int PageSize = 100;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("keys");
        keys.MapGet("", ListAsync).WithSummary("API keys, newest first, 100 a page. Needs a provisioning key.")
            .Produces<KeysAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403);
        keys.MapPost("", CreateAsync).WithSummary("Makes an API key and shows it, this once. Needs a provisioning key.").Accepts<NewKeyRequest>("application/json")
            .Produces<CreatedKeyAnswer>(201).Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(413);
        keys.MapGet("/{hash}", GetAsync).WithSummary("One API key by its hash. Needs a provisioning key.")
            .Produces<KeyAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(404);
        keys.MapPatch("/{hash}", ChangeAsync).WithSummary("Changes an API key at once. Needs a provisioning key.").Accepts<KeyChangeRequest>("application/json")
            .Produces<KeyAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(404).Produces<ErrorAnswer>(413);
        keys.MapDelete("/{hash}", DeleteAsync).WithSummary("Deletes an API key; its history stays. Needs a provisioning key.")
            .Produces<DeletedKeyAnswer>().Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(404);
    }

    private static async Task<IResult> ListAsync(
        string? include_disabled, string? offset, HttpContext http, CallerCheck callers, KeyStore keys, KeyUsageStore usage)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        var withDisabled = false;
        if (!string.IsNullOrEmpty(include_disabled) && !bool.TryParse(include_disabled, out withDisabled))
            return Answers.Error(GatewayError.Invalid("Invalid request parameters: include_disabled must be true or false.", "include_disabled"), caller);
        var passed = 0;
        if (!string.IsNullOrEmpty(offset) && !int.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out passed))
            return Answers.Error(GatewayError.Invalid("Invalid request parameters: offset must be a whole number, 0 or more.", "offset"), caller);

        var page = await keys.ListAsync(caller.AccountId, includeDisabled: withDisabled, offset: passed, count: PageSize, cancellationToken: http.RequestAborted);
        var spent = await usage.ReadAsync([.. page.Select(static key => key.Id)], http.RequestAborted);
        var objects = page.Select(key => KeyObject.From(key, spent.GetValueOrDefault(key.Id)));
        return TypedResults.Json(new KeysAnswer([.. objects]), ConsoleJson.Wire.KeysAnswer);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, CallerCheck callers, KeyStore keys)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        using var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        var wish = KeyBody.ReadNew(body, caller.AccountId);
        if (body.Mistake is { } mistake)
            return Answers.Error(mistake, caller);
        var made = await keys.CreateAsync(wish, http.RequestAborted);
        return TypedResults.Json(
            new CreatedKeyAnswer(KeyObject.From(made.Key, default), made.Secret), ConsoleJson.Wire.CreatedKeyAnswer, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(string hash, HttpContext http, CallerCheck callers, KeyIndex index, KeyUsageStore usage)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        return TryFind(index, caller, hash, out var key) ? await ShowAsync(key, usage, http.RequestAborted) : NoSuchKey(caller);
    }

    private static async Task<IResult> ChangeAsync(string hash, HttpContext http, CallerCheck callers, KeyIndex index, KeyStore keys, KeyUsageStore usage)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        if (!TryFind(index, caller, hash, out _))
            return NoSuchKey(caller);
        using var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        var change = KeyBody.ReadChange(body);
        if (body.Mistake is { } mistake)
            return Answers.Error(mistake, caller);
        return await keys.ChangeAsync(hash, change, http.RequestAborted) is { } changed ? await ShowAsync(changed, usage, http.RequestAborted) : NoSuchKey(caller);
    }

    private static async Task<IResult> DeleteAsync(string hash, HttpContext http, CallerCheck callers, KeyIndex index, KeyStore keys)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        return TryFind(index, caller, hash, out _) && await keys.DeleteAsync(hash, http.RequestAborted)
            ? TypedResults.Json(new DeletedKeyAnswer(true), ConsoleJson.Wire.DeletedKeyAnswer)
            : NoSuchKey(caller);
    }

    /// <summary>An API key of the caller's account; those of others do not exist here.</summary>
    private static bool TryFind(KeyIndex index, ApiKey caller, string hash, [NotNullWhen(true)] out ApiKey? key) =>
        index.TryGetByHash(hash, out key) && key.AccountId == caller.AccountId && !key.IsProvisioning;

    private static async Task<IResult> ShowAsync(ApiKey key, KeyUsageStore usage, CancellationToken cancellationToken)
    {
        var spent = await usage.ReadAsync([key.Id], cancellationToken);
        return TypedResults.Json(new KeyAnswer(KeyObject.From(key, spent.GetValueOrDefault(key.Id))), ConsoleJson.Wire.KeyAnswer);
    }

    private static IResult NoSuchKey(ApiKey caller) => Answers.NotFound("API key not found", caller: caller);
}
