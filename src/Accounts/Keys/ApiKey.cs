using Fairlead.Accounts.Limits;
using Fairlead.Ledger;
using Fairlead.Ledger.Holds;

namespace Fairlead.Accounts.Keys;

/// <summary>When a key's limit starts anew, at 00:00 UTC.</summary>
public enum LimitReset
{
    /// <summary>Never: the limit counts all usage.</summary>
    None = 0,
    /// <summary>Every day.</summary>
    Daily = 1,
    /// <summary>Every Monday.</summary>
    Weekly = 2,
    /// <summary>Every first of the month.</summary>
    Monthly = 3,
}

/// <summary>One API key as the gateway keeps it: never the plaintext, only its SHA-256 (platform §11.2). Immutable; a change replaces it.</summary>
public sealed record ApiKey
{
    /// <summary>Row id.</summary>
    public required long Id { get; init; }
    /// <summary>The account that pays.</summary>
    public required long AccountId { get; init; }
    /// <summary>The account's public id, <c>user_…</c>: the <c>user_id</c> of errors.</summary>
    public string AccountPublicId { get; init; } = "";
    /// <summary>SHA-256 of the full plaintext, 64 lower-case hex digits: the public <c>hash</c>.</summary>
    public required string Hash { get; init; }
    /// <summary>The operator's name for it.</summary>
    public required string Name { get; init; }
    /// <summary>The mask shown in lists: <c>sk-or-v1-abc...123</c>.</summary>
    public required string Label { get; init; }
    /// <summary>A management key: no inference.</summary>
    public bool IsProvisioning { get; init; }
    /// <summary>Switched off: 401.</summary>
    public bool Disabled { get; init; }
    /// <summary>Cap in US dollars; null is none.</summary>
    public Credits? Limit { get; init; }
    /// <summary>When the cap starts anew.</summary>
    public LimitReset Reset { get; init; }
    /// <summary>Provider-key spend counts towards the cap too.</summary>
    public bool IncludeByokInLimit { get; init; }
    /// <summary>What it may do per minute and at once.</summary>
    public RateLimits RateLimits { get; init; }
    /// <summary>From then on 401; null is never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The cap as the ledger counts it; null is none.</summary>
    public KeyLimit? SpendingLimit => Limit is { } amount ? new KeyLimit(amount, (UsageWindow)Reset, IncludeByokInLimit) : null;

    /// <summary>Whether the key may be used at <paramref name="now"/>: neither disabled nor expired.</summary>
    public bool IsUsable(DateTimeOffset now) => !Disabled && !(ExpiresAt <= now);
}
