using System.ComponentModel;
using System.Text.Json.Serialization;
using Fairlead.Accounts;
using Fairlead.Accounts.Keys;
using Fairlead.Console.Http;

namespace Fairlead.Console.Keys;

/// <summary>Reads the bodies of <c>POST /keys</c> and <c>PATCH /keys/{hash}</c>. Members that are not known are passed over, as the contract's service does.</summary>
internal static class KeyBody
{
    private const int LongestName = 200;
    private const decimal MostDollars = 9_000_000m;

    /// <summary>The key to make; check <see cref="RequestBody.Mistake"/> before using it.</summary>
    public static NewKey ReadNew(RequestBody body, long accountId)
    {
        if (body.Mistake is null && !body.Has("name"))
            body.Refuse("name", "is required");
        return new()
        {
            AccountId = accountId,
            Name = body.Text("name", LongestName) ?? "",
            Limit = body.Dollars("limit", MostDollars),
            Reset = body.Choice("limit_reset", LimitResetNames.All) ?? LimitReset.None,
            IncludeByokInLimit = body.Flag("include_byok_in_limit") ?? false,
            ExpiresAt = body.Moment("expires_at"),
            RateLimits = RateLimitBody.Read(body),
        };
    }

    /// <summary>What to change; check <see cref="RequestBody.Mistake"/> before using it. <c>expires_at</c> cannot be changed and is passed over (P17).</summary>
    public static KeyChange ReadChange(RequestBody body)
    {
        var limit = body.Dollars("limit", MostDollars);
        var rates = RateLimitBody.Read(body);
        return new()
        {
            Name = body.Text("name", LongestName),
            Disabled = body.Flag("disabled"),
            Limit = body.Has("limit") ? new NewValue<Ledger.Credits?>(limit) : null,
            Reset = body.Choice("limit_reset", LimitResetNames.All),
            IncludeByokInLimit = body.Flag("include_byok_in_limit"),
            Rpm = body.Has("rpm") ? new NewValue<int?>(rates.Rpm) : null,
            Tpm = body.Has("tpm") ? new NewValue<long?>(rates.Tpm) : null,
            Concurrency = body.Has("concurrency") ? new NewValue<int?>(rates.Concurrency) : null,
        };
    }
}

/// <summary>The body of <c>POST /keys</c>, for the description; it is read by <see cref="KeyBody"/>.</summary>
internal sealed record NewKeyRequest
{
    [JsonPropertyName("name"), Description("1 to 200 characters.")]
    public required string Name { get; init; }

    [JsonPropertyName("limit"), Description("Most US dollars the key may spend, rounded to twelve decimals, half to even; null is no limit.")]
    public decimal? Limit { get; init; }

    [JsonPropertyName("limit_reset"), Description("daily, weekly, monthly or null: when the limit starts anew, at 00:00 UTC.")]
    public string? LimitReset { get; init; }

    [JsonPropertyName("include_byok_in_limit"), Description("Spend on the account's own provider keys counts too.")]
    public bool IncludeByokInLimit { get; init; }

    [JsonPropertyName("expires_at"), Description("ISO 8601 in UTC; from then on the key is refused.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonPropertyName("rpm"), Description("Requests in any 60 seconds; null is no limit.")]
    public int? Rpm { get; init; }

    [JsonPropertyName("tpm"), Description("Tokens of the requests begun in any 60 seconds; null is no limit.")]
    public long? Tpm { get; init; }

    [JsonPropertyName("concurrency"), Description("Requests in flight; null is no limit.")]
    public int? Concurrency { get; init; }
}

/// <summary>The body of <c>PATCH /keys/{hash}</c>, for the description; a member that is absent stays as it is.</summary>
internal sealed record KeyChangeRequest
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("disabled")]
    public bool? Disabled { get; init; }

    [JsonPropertyName("limit"), Description("Null takes the limit away.")]
    public decimal? Limit { get; init; }

    [JsonPropertyName("limit_reset")]
    public string? LimitReset { get; init; }

    [JsonPropertyName("include_byok_in_limit")]
    public bool? IncludeByokInLimit { get; init; }

    [JsonPropertyName("rpm"), Description("Null takes the limit away.")]
    public int? Rpm { get; init; }

    [JsonPropertyName("tpm"), Description("Null takes the limit away.")]
    public long? Tpm { get; init; }

    [JsonPropertyName("concurrency"), Description("Null takes the limit away.")]
    public int? Concurrency { get; init; }
}
