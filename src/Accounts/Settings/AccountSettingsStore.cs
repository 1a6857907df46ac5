using System.Text.Json;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Accounts.Settings;

/// <summary>SQL of account settings. When a change returns, <see cref="AccountSettingsIndex"/> has it.</summary>
public sealed class AccountSettingsStore(Database database, TimeProvider clock, AccountSettingsIndex index)
{
    private const string NextRevision = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM account_settings)";

    /// <summary>Changes an account's settings; changes of different members made at once are all kept.</summary>
    public async Task<AccountSettings> ChangeAsync(long accountId, AccountSettingsChange change, CancellationToken cancellationToken = default)
    {
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
                await connection.ExecuteAsync(
                    $"""
                    INSERT INTO account_settings (account_id, updated_at_ms, revision) VALUES (@accountId, @now, {NextRevision})
                    ON CONFLICT (account_id) DO UPDATE SET updated_at_ms = @now, revision = {NextRevision}
                    """,
                    new { accountId, now }, transaction);
                foreach (var (column, value) in Assignments(change))
                {
                    await connection.ExecuteAsync(
                        $"UPDATE account_settings SET {column} = @value WHERE account_id = @accountId", new { accountId, value }, transaction);
                }

                return true;
            },
            "changing account settings", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return index.Find(accountId);
    }

    private static IEnumerable<(string Column, object? Value)> Assignments(AccountSettingsChange change)
    {
        if (change.Rpm is { } rpm)
            yield return ("rpm", rpm.Value);
        if (change.Tpm is { } tpm)
            yield return ("tpm", tpm.Value);
        if (change.Concurrency is { } concurrency)
            yield return ("concurrency", concurrency.Value);
        if (change.DefaultModel is { } model)
            yield return ("default_model", model.Value);
        if (change.DefaultProviderSort is { } sort)
            yield return ("default_provider_sort", sort.Value);
        if (change.AllowedProviders is { } allowed)
            yield return ("allowed_providers", Stored(allowed));
        if (change.IgnoredProviders is { } ignored)
            yield return ("ignored_providers", Stored(ignored));
        if (change.AllowPaidTraining is { } paid)
            yield return ("allow_paid_training", paid ? 1L : 0);
        if (change.AllowFreeTraining is { } free)
            yield return ("allow_free_training", free ? 1L : 0);
        if (change.Zdr is { } zdr)
            yield return ("zdr", zdr ? 1L : 0);
        if (change.Plugins is { } plugins)
            yield return ("plugins", plugins.Count == 0 ? null : JsonSerializer.Serialize(plugins, AccountSettingsJson.Default.IReadOnlyListPluginSetting));
    }

    private static string? Stored(IReadOnlyList<string> names) =>
        names.Count == 0 ? null : JsonSerializer.Serialize(names, AccountSettingsJson.Default.IReadOnlyListString);
}

/// <summary>
/// What to change of an account's settings; null leaves a member as it is, a new value of null takes a limit or default away, an empty list empties a list.
/// </summary>
public sealed record AccountSettingsChange
{
    /// <summary>Requests per minute.</summary>
    public NewValue<int?>? Rpm { get; init; }
    /// <summary>Tokens per minute.</summary>
    public NewValue<long?>? Tpm { get; init; }
    /// <summary>Requests in flight.</summary>
    public NewValue<int?>? Concurrency { get; init; }
    /// <summary>See <see cref="AccountSettings.DefaultModel"/>.</summary>
    public NewValue<string?>? DefaultModel { get; init; }
    /// <summary>See <see cref="AccountSettings.DefaultProviderSort"/>.</summary>
    public NewValue<string?>? DefaultProviderSort { get; init; }
    /// <summary>See <see cref="AccountSettings.AllowedProviders"/>.</summary>
    public IReadOnlyList<string>? AllowedProviders { get; init; }
    /// <summary>See <see cref="AccountSettings.IgnoredProviders"/>.</summary>
    public IReadOnlyList<string>? IgnoredProviders { get; init; }
    /// <summary>See <see cref="AccountSettings.AllowPaidTraining"/>.</summary>
    public bool? AllowPaidTraining { get; init; }
    /// <summary>See <see cref="AccountSettings.AllowFreeTraining"/>.</summary>
    public bool? AllowFreeTraining { get; init; }
    /// <summary>See <see cref="AccountSettings.Zdr"/>.</summary>
    public bool? Zdr { get; init; }
    /// <summary>See <see cref="AccountSettings.Plugins"/>.</summary>
    public IReadOnlyList<PluginSetting>? Plugins { get; init; }
}
