using System.Text.Json.Serialization;

namespace Fairlead.Console.Keys;

/// <summary>The answer of <c>/key</c>.</summary>
internal sealed record CurrentKeyAnswer([property: JsonPropertyName("data")] CurrentKeyObject Data);

/// <summary>The calling key (platform §7.1). Amounts are US dollars.</summary>
internal sealed record CurrentKeyObject
{
    [JsonPropertyName("label")]
    public required string Label { get; init; }

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

    /// <summary>The account has never paid for credits.</summary>
    [JsonPropertyName("is_free_tier")]
    public required bool IsFreeTier { get; init; }

    [JsonPropertyName("is_management_key")]
    public required bool IsManagementKey { get; init; }

    /// <summary>The older name of <see cref="IsManagementKey"/>.</summary>
    [JsonPropertyName("is_provisioning_key")]
    public required bool IsProvisioningKey { get; init; }

    [JsonPropertyName("expires_at")]
    public required DateTimeOffset? ExpiresAt { get; init; }

    [JsonPropertyName("creator_user_id")]
    public required string? CreatorUserId { get; init; }

    /// <summary>Null: this version has no organizations.</summary>
    [JsonPropertyName("organization_id")]
    public string? OrganizationId { get; init; }

    /// <summary>Null: this version has no workspaces.</summary>
    [JsonPropertyName("workspace_id")]
    public string? WorkspaceId { get; init; }

    /// <summary>Empty: keys are not bound to regions.</summary>
    [JsonPropertyName("allowed_data_regions")]
    public IReadOnlyList<string> AllowedDataRegions { get; init; } = [];

    [JsonPropertyName("free_model_daily_requests")]
    public required FreeModelRequestsObject FreeModelDailyRequests { get; init; }

    [JsonPropertyName("rate_limit")]
    public RateLimitObject RateLimit { get; init; } = new();
}

/// <summary>A constant that old clients read.</summary>
internal sealed record RateLimitObject
{
    [JsonPropertyName("requests")]
    public int Requests { get; init; } = -1;

    [JsonPropertyName("interval")]
    public string Interval { get; init; } = "10s";

    [JsonPropertyName("note")]
    public string Note { get; init; } = "This field is deprecated and safe to ignore.";
}

/// <summary>Requests for free models (<c>:free</c>) of the whole account on this UTC day; −1, as in <see cref="RateLimitObject"/>, is no limit.</summary>
internal sealed record FreeModelRequestsObject
{
    [JsonPropertyName("limit")]
    public required int Limit { get; init; }

    [JsonPropertyName("remaining")]
    public required long Remaining { get; init; }

    [JsonPropertyName("used")]
    public required long Used { get; init; }

    public static FreeModelRequestsObject From(int? limit, long used) =>
        new() { Limit = limit ?? -1, Remaining = limit is { } most ? Math.Max(0, most - used) : -1, Used = used };
}
