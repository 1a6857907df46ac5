using Fairlead.Accounts.Limits;
using Fairlead.Ledger;

namespace Fairlead.Accounts.Keys;

/// <summary>A key to make.</summary>
public sealed record NewKey
{
    /// <summary>The account that pays.</summary>
    public required long AccountId { get; init; }
    /// <summary>The operator's name for it; 1 to 200 characters.</summary>
    public required string Name { get; init; }
    /// <summary>The plaintext to use, well-formed; null makes a random one.</summary>
    public string? Secret { get; init; }
    /// <summary>A management key: no inference.</summary>
    public bool IsProvisioning { get; init; }
    /// <summary>Cap; null is none. Never negative.</summary>
    public Credits? Limit { get; init; }
    /// <summary>When the cap starts anew.</summary>
    public LimitReset Reset { get; init; }
    /// <summary>Provider-key spend counts towards the cap too.</summary>
    public bool IncludeByokInLimit { get; init; }
    /// <summary>What it may do per minute and at once.</summary>
    public RateLimits RateLimits { get; init; }
    /// <summary>From then on 401; null is never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What to change of a key; null leaves a member as it is.</summary>
public sealed record KeyChange
{
    /// <summary>The operator's name for it; 1 to 200 characters.</summary>
    public string? Name { get; init; }
    /// <summary>Switched off or on.</summary>
    public bool? Disabled { get; init; }
    /// <summary>Provider-key spend counts towards the cap too.</summary>
    public bool? IncludeByokInLimit { get; init; }
    /// <summary>The cap, never negative; a new value of null takes it away.</summary>
    public NewValue<Credits?>? Limit { get; init; }
    /// <summary>When the cap starts anew.</summary>
    public LimitReset? Reset { get; init; }
    /// <summary>Requests per minute; a new value of null takes the limit away.</summary>
    public NewValue<int?>? Rpm { get; init; }
    /// <summary>Tokens per minute, likewise.</summary>
    public NewValue<long?>? Tpm { get; init; }
    /// <summary>Requests in flight, likewise.</summary>
    public NewValue<int?>? Concurrency { get; init; }
}

/// <summary>A key just made, with the only copy of its plaintext.</summary>
public sealed record CreatedKey(ApiKey Key, string Secret);
