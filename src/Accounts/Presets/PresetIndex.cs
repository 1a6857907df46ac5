using System.Collections.Concurrent;
using Fairlead.Storage;

namespace Fairlead.Accounts.Presets;

/// <summary>
/// Every account's presets with their newest versions, in memory: what requests ask. Thread-safe.
/// </summary>
public sealed class PresetIndex(Database database) : ChangeIndex
{
    private readonly ConcurrentDictionary<(long AccountId, string Slug), Preset> _presets = new();

    /// <summary>An account's preset, whatever its status; null when there is none of this name.</summary>
    public Preset? Find(long accountId, string slug) => _presets.GetValueOrDefault((accountId, slug));

    private protected override Task ReadAsync(CancellationToken cancellationToken) => ApplyAsync<PresetRow>(
        database, $"{PresetRow.Select} WHERE p.revision > @since ORDER BY p.revision", "reading presets", row => _presets[(row.AccountId, row.Slug)] = row.ToPreset(), cancellationToken);
}
