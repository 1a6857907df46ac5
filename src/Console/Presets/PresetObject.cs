using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Accounts.Presets;

namespace Fairlead.Console.Presets;

/// <summary>The answer of <c>/presets</c>.</summary>
internal sealed record PresetsAnswer(
    [property: JsonPropertyName("data")] IReadOnlyList<PresetObject> Data, [property: JsonPropertyName("total_count")] int TotalCount);

/// <summary>The answer of <c>/presets/{slug}</c> and of what changes one.</summary>
internal sealed record PresetAnswer([property: JsonPropertyName("data")] PresetObject Data);

/// <summary>The answer of <c>/presets/{slug}/versions</c>.</summary>
internal sealed record PresetVersionsAnswer(
    [property: JsonPropertyName("data")] IReadOnlyList<PresetVersionObject> Data, [property: JsonPropertyName("total_count")] int TotalCount);

/// <summary>The answer of <c>/presets/{slug}/versions/{version}</c>.</summary>
internal sealed record PresetVersionAnswer([property: JsonPropertyName("data")] PresetVersionObject Data);

/// <summary>A preset (platform §10.3).</summary>
internal sealed record PresetObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("slug"), Description("What requests write: \"@preset/slug\" as model, or in \"preset\".")]
    public required string Slug { get; init; }

    [JsonPropertyName("description")]
    public required string? Description { get; init; }

    [JsonPropertyName("status"), Description("active, disabled or archived; only an active preset can be used.")]
    public required string Status { get; init; }

    [JsonPropertyName("status_updated_at")]
    public required DateTimeOffset? StatusUpdatedAt { get; init; }

    [JsonPropertyName("designated_version_id"), Description("The version requests get.")]
    public required string DesignatedVersionId { get; init; }

    /// <summary>Null: this version has no workspaces.</summary>
    [JsonPropertyName("workspace_id")]
    public string? WorkspaceId { get; init; }

    [JsonPropertyName("creator_user_id")]
    public required string CreatorUserId { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    [JsonPropertyName("designated_version"), Description("The version requests get; not in lists."), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PresetVersionObject? DesignatedVersion { get; init; }

    public static PresetObject Of(Preset preset) => new()
    {
        Id = preset.Id,
        Name = preset.Name,
        Slug = preset.Slug,
        Description = preset.Description,
        Status = preset.Status.ToString().ToLowerInvariant(),
        StatusUpdatedAt = preset.StatusUpdatedAt,
        DesignatedVersionId = preset.Version.Id,
        CreatorUserId = preset.CreatorId,
        CreatedAt = preset.CreatedAt,
        UpdatedAt = preset.UpdatedAt,
    };
}

/// <summary>One version of a preset.</summary>
internal sealed record PresetVersionObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("preset_id")]
    public required string PresetId { get; init; }

    [JsonPropertyName("version"), Description("1 is the first.")]
    public required int Version { get; init; }

    [JsonPropertyName("system_prompt"), Description("Becomes the first system message.")]
    public required string? SystemPrompt { get; init; }

    [JsonPropertyName("config"), Description("Members of a chat completion, and cache_enabled and cache_ttl_seconds.")]
    public required JsonElement Config { get; init; }

    [JsonPropertyName("creator_id")]
    public required string CreatorId { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Versions do not change.</summary>
    [JsonPropertyName("updated_at")]
    public required DateTimeOffset UpdatedAt { get; init; }

    public static PresetVersionObject Of(PresetVersion version, string presetId) => new()
    {
        Id = version.Id,
        PresetId = presetId,
        Version = version.Number,
        SystemPrompt = version.SystemPrompt,
        Config = JsonElement.Parse(version.Config.Span),
        CreatorId = version.CreatorId,
        CreatedAt = version.CreatedAt,
        UpdatedAt = version.CreatedAt,
    };
}
