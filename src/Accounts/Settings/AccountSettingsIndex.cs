using System.Collections.Concurrent;
using Fairlead.Storage;

namespace Fairlead.Accounts.Settings;

/// <summary>
/// The settings of every account that has some, in memory: what the hot path asks. Thread-safe.
/// </summary>
public sealed class AccountSettingsIndex(Database database) : ChangeIndex
{
    private readonly ConcurrentDictionary<long, AccountSettings> _accounts = new();

    /// <summary>An account's settings; the defaults when it never set any. Allocates nothing.</summary>
    public AccountSettings Find(long accountId) => _accounts.TryGetValue(accountId, out var settings) ? settings : AccountSettings.Default;

    private protected override Task ReadAsync(CancellationToken cancellationToken) => ApplyAsync<AccountSettingsRow>(
        database, $"SELECT {AccountSettingsRow.Columns} FROM account_settings WHERE revision > @since ORDER BY revision", "reading account settings",
        row => _accounts[row.AccountId] = row.ToSettings(), cancellationToken);
}
