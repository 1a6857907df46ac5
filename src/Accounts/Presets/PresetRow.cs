using System.Text;
using System.Text.Json;

namespace Fairlead.Accounts.Presets;

/// <summary>A row of <c>presets</c> with its newest version, as the database gives it.</summary>
internal sealed class PresetRow : IRevisedRow
{
    public const string Select =
        """
        SELECT p.id, p.account_id AS AccountId, p.slug, p.name, p.description, p.status, p.status_updated_at_ms AS StatusUpdatedAtMs, p.creator_id AS CreatorId,
            p.created_at_ms AS CreatedAtMs, p.updated_at_ms AS UpdatedAtMs, p.revision, v.id AS VersionId, v.version, v.system_prompt AS SystemPrompt, v.config,
            v.creator_id AS VersionCreatorId, v.created_at_ms AS VersionCreatedAtMs
        FROM presets p JOIN preset_versions v ON v.preset_id = p.id AND v.version = p.version
        """;

    public string Id { get; init; } = "";
    public long AccountId { get; init; }
    public string Slug { get; init; } = "";
    public string Name { get; init; } = "";
    public string? Description { get; init; }
    public string Status { get; init; } = "";
    public long? StatusUpdatedAtMs { get; init; }
    public string CreatorId { get; init; } = "";
    public long CreatedAtMs { get; init; }
    public long UpdatedAtMs { get; init; }
    public long Revision { get; init; }
    public string VersionId { get; init; } = "";
    public long Version { get; init; }
    public string? SystemPrompt { get; init; }
    public string Config { get; init; } = "";
    public string VersionCreatorId { get; init; } = "";
    public long VersionCreatedAtMs { get; init; }

    public Preset ToPreset() => new()
    {
        Id = Id,
        AccountId = AccountId,
        Slug = Slug,
        Name = Name,
        Description = Description,
        Status = StatusOf(Status),
        StatusUpdatedAt = StatusUpdatedAtMs is { } changed ? DateTimeOffset.FromUnixTimeMilliseconds(changed) : null,
        CreatorId = CreatorId,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMs),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAtMs),
        Version = new PresetVersionRow
        {
            Id = VersionId, Version = Version, SystemPrompt = SystemPrompt, Config = Config, CreatorId = VersionCreatorId, CreatedAtMs = VersionCreatedAtMs,
        }.ToVersion(),
    };

    // A word of a later version of the gateway is no permission.
    private static PresetStatus StatusOf(string stored) => stored switch
    {
        "active" => PresetStatus.Active,
        "archived" => PresetStatus.Archived,
        _ => PresetStatus.Disabled,
    };
}

/// <summary>A row of <c>preset_versions</c> as the database gives it.</summary>
internal sealed class PresetVersionRow
{
    public const string Select = "SELECT v.id, v.version, v.system_prompt AS SystemPrompt, v.config, v.creator_id AS CreatorId, v.created_at_ms AS CreatedAtMs FROM preset_versions v";

    public string Id { get; init; } = "";
    public long Version { get; init; }
    public string? SystemPrompt { get; init; }
    public string Config { get; init; } = "";
    public string CreatorId { get; init; } = "";
    public long CreatedAtMs { get; init; }

    public PresetVersion ToVersion()
    {
        var bytes = Encoding.UTF8.GetBytes(Config);
        var config = JsonElement.Parse(bytes);
        return new()
        {
            Id = Id,
            Number = (int)Version,
            SystemPrompt = SystemPrompt,
            Config = bytes,
            CacheEnabled = config.TryGetProperty("cache_enabled"u8, out var enabled) ? enabled.GetBoolean() : null,
            CacheTtlSeconds = config.TryGetProperty("cache_ttl_seconds"u8, out var seconds) ? seconds.GetInt32() : null,
            CreatorId = CreatorId,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAtMs),
        };
    }
}
