using System.Text.Json.Serialization;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger.Holds;

namespace Fairlead.Console.Keys;

/// <summary>A key as management sees it (platform §7.2), never its text. Amounts are US dollars.</summary>
internal sealed record KeyObject
{
    [JsonPropertyName("hash")]
    public required string Hash { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("label")]
    public required string Label { get; init; }

    [JsonPropertyName("disabled")]
    public required bool Disabled { get; init; }

    [JsonPropertyName("limit")]
    public required decimal? Limit { get; init; }

    [JsonPropertyName("limit_remaining")]
    public required decimal? LimitRemaining { get; init; }

    [JsonPropertyName("limit_reset")]
    public required string? LimitReset { get; init; }

    [JsonPropertyName("include_byok_in_limit")]
    public required bool IncludeByokInLimit { get; init; }

    [JsonPropertyName("usage")]
    public required decimal Usage { get; init; }

    [JsonPropertyName("usage_daily")]
    public required decimal UsageDaily { get; init; }

    [JsonPropertyName("usage_weekly")]
    public required decimal UsageWeekly { get; init; }

    [JsonPropertyName("usage_monthly")]
    public required decimal UsageMonthly { get; init; }

    [JsonPropertyName("byok_usage")]
    public required decimal ByokUsage { get; init; }

    [JsonPropertyName("byok_usage_daily")]
    public required decimal ByokUsageDaily { get; init; }

    [JsonPropertyName("byok_usage_weekly")]
    public required decimal ByokUsageWeekly { get; init; }

    [JsonPropertyName("byok_usage_monthly")]
    public required decimal ByokUsageMonthly { get; init; }

    /// <summary>Requests in any 60 seconds; null is no limit. This member and the next two are ours.</summary>
    [JsonPropertyName("rpm")]
    public required int? Rpm { get; init; }

    /// <summary>Tokens of the requests begun in any 60 seconds; null is no limit.</summary>
    [JsonPropertyName("tpm")]
    public required long? Tpm { get; init; }

    /// <summary>Requests in flight; null is no limit.</summary>
    [JsonPropertyName("concurrency")]
    public required int? Concurrency { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updated_at")]
    public required DateTimeOffset? UpdatedAt { get; init; }

    [JsonPropertyName("expires_at")]
    public required DateTimeOffset? ExpiresAt { get; init; }

    [JsonPropertyName("creator_user_id")]
    public required string? CreatorUserId { get; init; }

    /// <summary>Null: this version has no workspaces.</summary>
    [JsonPropertyName("workspace_id")]
    public string? WorkspaceId { get; init; }

    public static KeyObject From(ApiKey key, in KeyUsage usage) => new()
    {
        Hash = key.Hash,
        Name = key.Name,
        Label = key.Label,
        Disabled = key.Disabled,
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
        Rpm = key.RateLimits.Rpm,
        Tpm = key.RateLimits.Tpm,
        Concurrency = key.RateLimits.Concurrency,
        CreatedAt = key.CreatedAt,
        UpdatedAt = key.UpdatedAt,
        ExpiresAt = key.ExpiresAt,
        CreatorUserId = string.IsNullOrEmpty(key.AccountPublicId) ? null : key.AccountPublicId,
    };
}

/// <summary>The answer of <c>GET /keys</c>.</summary>
internal sealed record KeysAnswer([property: JsonPropertyName("data")] IReadOnlyList<KeyObject> Data);

/// <summary>The answer of <c>GET</c> and <c>PATCH /keys/{hash}</c>.</summary>
internal sealed record KeyAnswer([property: JsonPropertyName("data")] KeyObject Data);

/// <summary>The answer of <c>POST /keys</c>: the only place that ever shows a key's text.</summary>
internal sealed record CreatedKeyAnswer([property: JsonPropertyName("data")] KeyObject Data, [property: JsonPropertyName("key")] string Key);

/// <summary>The answer of <c>DELETE /keys/{hash}</c>.</summary>
internal sealed record DeletedKeyAnswer([property: JsonPropertyName("deleted")] bool Deleted);
