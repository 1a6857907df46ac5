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

    private static IEnumerable<(string Column, long? Value)> Assignments(AccountSettingsChange change)
    {
        if (change.Rpm is { } rpm)
        {
            yield return ("rpm", rpm.Value);
        }

        if (change.Tpm is { } tpm)
        {
            yield return ("tpm", tpm.Value);
        }

        if (change.Concurrency is { } concurrency)
        {
            yield return ("concurrency", concurrency.Value);
        }
    }
}

/// <summary>What to change of an account's settings; null leaves a member as it is, a new value of null takes the limit away.</summary>
public sealed record AccountSettingsChange
{
    /// <summary>Requests per minute.</summary>
    public NewValue<int?>? Rpm { get; init; }
    /// <summary>Tokens per minute.</summary>
    public NewValue<long?>? Tpm { get; init; }
    /// <summary>Requests in flight.</summary>
    public NewValue<int?>? Concurrency { get; init; }
}
