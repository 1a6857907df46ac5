using Fairlead.Ledger;

namespace Fairlead.Accounts.Keys;

/// <summary>A row of <c>api_keys</c> as the database gives it: flags are numbers on either engine, with the public id of its account.</summary>
internal sealed class KeyRow : IRevisedRow
{
    public const string Select =
        """
        SELECT k.id, k.account_id AS AccountId, a.public_id AS AccountPublicId, k.hash, k.name, k.label, k.is_provisioning AS IsProvisioning, k.disabled,
            k.deleted, k.spend_limit AS SpendLimit, k.limit_reset AS LimitReset, k.include_byok_in_limit AS IncludeByok, k.expires_at_ms AS ExpiresAtMs,
            k.rpm, k.tpm, k.concurrency,
            k.created_at_ms AS CreatedAtMs, k.updated_at_ms AS UpdatedAtMs, k.revision
        FROM api_keys k JOIN accounts a ON a.id = k.account_id
        """;

    public long Id { get; init; }
    public long AccountId { get; init; }
    public string AccountPublicId { get; init; } = "";
    public string Hash { get; init; } = "";
    public string Name { get; init; } = "";
    public string Label { get; init; } = "";
    public long IsProvisioning { get; init; }
    public long Disabled { get; init; }
    public long Deleted { get; init; }
    public long? SpendLimit { get; init; }
    public long LimitReset { get; init; }
    public long IncludeByok { get; init; }
    public long? Rpm { get; init; }
    public long? Tpm { get; init; }
    public long? Concurrency { get; init; }
    public long? ExpiresAtMs { get; init; }
    public long CreatedAtMs { get; init; }
    public long? UpdatedAtMs { get; init; }
    public long Revision { get; init; }

    public ApiKey ToKey() => new()
    {
        Id = Id,
        AccountId = AccountId,
        AccountPublicId = AccountPublicId,
        Hash = Hash,
        Name = Name,
        Label = Label,
        IsProvisioning = IsProvisioning != 0,
        Disabled = Disabled != 0,
        Limit = SpendLimit is { } limit ? new Credits(limit) : null,
        Reset = (LimitReset)LimitReset,
        IncludeByokInLimit = IncludeByok != 0,
        RateLimits = new((int?)Rpm, Tpm, (int?)Concurrency),
        ExpiresAt = Time(ExpiresAtMs),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMs),
        UpdatedAt = Time(UpdatedAtMs),
    };

    private static DateTimeOffset? Time(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
}
