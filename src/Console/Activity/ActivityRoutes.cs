using System.Globalization;
using System.Text.Json.Serialization;
using Fairlead.Accounts.Keys;
using Fairlead.Console.Http;
using Fairlead.Ledger.RollUps;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fairlead.Console.Activity;

/// <summary>What the account's requests came to in the last 30 completed UTC days, by day and endpoint (platform §6); management keys only.</summary>
internal static class ActivityRoutes
{
    private const int Days = 30;

    public static void MapActivity(this IEndpointRouteBuilder api) =>
        api.MapGet("/activity", GetAsync).WithTags("activity")
            .WithSummary("Requests, tokens and cost of the last 30 completed UTC days, by day and endpoint. Needs a provisioning key.")
            .Produces<ActivityAnswer>().Produces<ErrorAnswer>(400).Produces<ErrorAnswer>(401).Produces<ErrorAnswer>(403).Produces<ErrorAnswer>(404);

    private static async Task<IResult> GetAsync(
        string? date, string? api_key_hash, string? user_id, string? workspace_id, string? group_by, HttpContext http, CallerCheck callers, TimeProvider clock, ActivityStore activity, KeyStore keys)
    {
        if (!callers.TryIdentifyManager(http, out var caller, out var refusal))
            return refusal;
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var (first, last) = (today.AddDays(-Days), today.AddDays(-1));
        if (!string.IsNullOrEmpty(date))
        {
            if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return Answers.Error(GatewayError.Invalid("Invalid request parameters: date must be a UTC date such as 2025-08-24.", "date"), caller);
            // Today is not complete, so it is refused even when asked for (P16).
            if (day < first || day > last)
            {
                return Answers.Error(
                    GatewayError.Invalid($"Invalid request parameters: date must be within the last {Days} completed UTC days, {Text(first)} to {Text(last)}.", "date"), caller);
            }

            (first, last) = (day, day);
        }

        long? keyId = null;
        if (!string.IsNullOrEmpty(api_key_hash))
        {
            if (api_key_hash.Length != 64 || !api_key_hash.All(char.IsAsciiHexDigitLower))
                return Answers.Error(GatewayError.Invalid("Invalid request parameters: api_key_hash must be 64 lower-case hexadecimal digits.", "api_key_hash"), caller);
            keyId = await keys.FindIdAsync(caller.AccountId, api_key_hash, http.RequestAborted);
            if (keyId is null)
                return Answers.NotFound("API key not found", caller: caller);
        }

        if (group_by is not (null or "" or "workspace"))
            return Answers.Error(GatewayError.Invalid("Invalid request parameters: group_by must be workspace.", "group_by"), caller);

        // There are no workspaces (all rows are of one group), and nobody but the account itself in it.
        if (!string.IsNullOrEmpty(workspace_id) || (!string.IsNullOrEmpty(user_id) && user_id != caller.AccountPublicId))
            return TypedResults.Json(new ActivityAnswer([]), ConsoleJson.Wire.ActivityAnswer);

        var rows = await activity.ReadAsync(caller.AccountId, first, last, keyId, http.RequestAborted);
        return TypedResults.Json(new ActivityAnswer([.. rows.Select(ToActivityObject)]), ConsoleJson.Wire.ActivityAnswer);
    }

    private static ActivityObject ToActivityObject(ActivityDay day) => new()
    {
        Date = Text(day.Date),
        Model = day.Model,
        ModelPermaslug = day.ModelPermaslug,
        EndpointId = day.EndpointId,
        ProviderName = day.ProviderName,
        Usage = day.Usage.Dollars,
        ByokUsageInference = day.ByokUsage.Dollars,
        Requests = day.Requests,
        PromptTokens = day.PromptTokens,
        CompletionTokens = day.CompletionTokens,
        ReasoningTokens = day.ReasoningTokens,
    };

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>The answer of <c>/activity</c>.</summary>
internal sealed record ActivityAnswer([property: JsonPropertyName("data")] IReadOnlyList<ActivityObject> Data);

/// <summary>One endpoint on one UTC day. Amounts are US dollars.</summary>
internal sealed record ActivityObject
{
    [JsonPropertyName("date")]
    public required string Date { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("model_permaslug")]
    public required string ModelPermaslug { get; init; }

    [JsonPropertyName("endpoint_id")]
    public required string EndpointId { get; init; }

    [JsonPropertyName("provider_name")]
    public required string ProviderName { get; init; }

    [JsonPropertyName("usage")]
    public required decimal Usage { get; init; }

    [JsonPropertyName("byok_usage_inference")]
    public required decimal ByokUsageInference { get; init; }

    [JsonPropertyName("requests")]
    public required long Requests { get; init; }

    [JsonPropertyName("prompt_tokens")]
    public required long PromptTokens { get; init; }

    [JsonPropertyName("completion_tokens")]
    public required long CompletionTokens { get; init; }

    [JsonPropertyName("reasoning_tokens")]
    public required long ReasoningTokens { get; init; }
}
