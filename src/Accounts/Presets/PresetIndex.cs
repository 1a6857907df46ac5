using System.Collections.Concurrent;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts.Presets;

/// <summary>
/// Every account's presets with their newest versions, in memory: what requests ask. A change made in this process is visible when the call that made it
/// returns, one made by another process within half a second. Thread-safe.
/// </summary>
public sealed class PresetIndex(Database database) : IHostedService, IForeignChangeListener, IDisposable
{
    private readonly ConcurrentDictionary<(long AccountId, string Slug), Preset> _presets = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private long _revision;

    /// <summary>An account's preset, whatever its status; null when there is none of this name.</summary>
    public Preset? Find(long accountId, string slug) => _presets.GetValueOrDefault((accountId, slug));

    /// <summary>Reads what changed since the last time; at first, everything.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var since = _revision;
            var rows = await database.ReadAsync(
                connection => connection.QueryAsync<PresetRow>(new CommandDefinition(
                    $"{PresetRow.Select} WHERE p.revision > @since ORDER BY p.revision", new { since }, cancellationToken: cancellationToken)),
                "reading presets");
            foreach (var row in rows)
            {
                _presets[(row.AccountId, row.Slug)] = row.ToPreset();
                _revision = row.Revision;
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public Task OnForeignChangeAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <summary>Loads every account's presets.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();
}
