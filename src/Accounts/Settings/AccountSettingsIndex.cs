using System.Collections.Concurrent;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Changes;
using Microsoft.Extensions.Hosting;

namespace Fairlead.Accounts.Settings;

/// <summary>
/// The settings of every account that has some, in memory: what the hot path asks. A change made in this process is visible when the call that made it
/// returns, one made by another process within half a second. Thread-safe.
/// </summary>
public sealed class AccountSettingsIndex(Database database) : IHostedService, IForeignChangeListener, IDisposable
{
    private readonly ConcurrentDictionary<long, AccountSettings> _accounts = new();
    private readonly SemaphoreSlim _loading = new(1, 1);
    private long _revision;

    /// <summary>An account's settings; the defaults when it never set any. Allocates nothing.</summary>
    public AccountSettings Find(long accountId) => _accounts.TryGetValue(accountId, out var settings) ? settings : AccountSettings.Default;

    /// <summary>Reads what changed since the last time; at first, everything.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var since = _revision;
            var rows = await database.ReadAsync(
                connection => connection.QueryAsync<AccountSettingsRow>(new CommandDefinition(
                    $"SELECT {AccountSettingsRow.Columns} FROM account_settings WHERE revision > @since ORDER BY revision",
                    new { since }, cancellationToken: cancellationToken)),
                "reading account settings");
            foreach (var row in rows)
            {
                _accounts[row.AccountId] = row.ToSettings();
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

    /// <summary>Loads every account's settings.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => RefreshAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();
}
