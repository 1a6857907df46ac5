namespace Fairlead.Accounts.Presets;

/// <summary>Whether a preset may be used.</summary>
public enum PresetStatus
{
    /// <summary>It may.</summary>
    Active,
    /// <summary>Switched off.</summary>
    Disabled,
    /// <summary>Put away.</summary>
    Archived,
}

/// <summary>A named part of requests that an account keeps (routing §3), with its newest version, which requests get. Immutable; a change replaces it.</summary>
public sealed record Preset
{
    /// <summary>A UUID, permanent.</summary>
    public required string Id { get; init; }
    /// <summary>Whose.</summary>
    public required long AccountId { get; init; }
    /// <summary>What callers write after <c>@preset/</c>; unique in the account, see <see cref="PresetLimits.IsSlug"/>.</summary>
    public required string Slug { get; init; }
    /// <summary>For people.</summary>
    public required string Name { get; init; }
    /// <summary>For people, or null.</summary>
    public string? Description { get; init; }
    /// <summary>Requests may name it only while it is active.</summary>
    public PresetStatus Status { get; init; }
    /// <summary>When <see cref="Status"/> changed; null while it never did.</summary>
    public DateTimeOffset? StatusUpdatedAt { get; init; }
    /// <summary>Public id of the account that made it.</summary>
    public required string CreatorId { get; init; }
    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it last got a version or another name or status.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
    /// <summary>The newest version.</summary>
    public required PresetVersion Version { get; init; }
}

/// <summary>What a preset says, as of one change. Never changes.</summary>
public sealed record PresetVersion
{
    /// <summary>A UUID.</summary>
    public required string Id { get; init; }
    /// <summary>1 is the first.</summary>
    public required int Number { get; init; }
    /// <summary>Becomes the first system message; null is none.</summary>
    public string? SystemPrompt { get; init; }
    /// <summary>Members of a chat completion, and <c>cache_enabled</c> and <c>cache_ttl_seconds</c>, as a JSON object in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Config { get; init; }
    /// <summary><c>cache_enabled</c>: whether answers may be given again; null where it says nothing.</summary>
    public bool? CacheEnabled { get; init; }
    /// <summary><c>cache_ttl_seconds</c>: for how long, 1 to 86,400; null where it says nothing.</summary>
    public int? CacheTtlSeconds { get; init; }
    /// <summary>Public id of the account that made it.</summary>
    public required string CreatorId { get; init; }
    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
