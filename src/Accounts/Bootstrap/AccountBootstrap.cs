using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Fairlead.Accounts.Keys;
using Fairlead.Ledger;
using Fairlead.Ledger.Postings;
using Fairlead.Storage;
using Microsoft.AspNetCore.Identity;

namespace Fairlead.Accounts.Bootstrap;

/// <summary>Makes the first account, its keys and its credits, all in one transaction, so that a start that is cut off leaves nothing or everything.</summary>
public sealed class AccountBootstrap(Database database, AccountStore accounts, KeyStore keys, KeyIndex index, CreditLedger ledger)
{
    private static readonly Credits Welcome = Credits.Exact(100m);

    /// <summary>
    /// Makes the first account while there is none. Safe to call at every start. Throws <see cref="FormatException"/> with a sentence naming the variable when
    /// a value is malformed, and <see cref="StorageException"/>.
    /// </summary>
    public async Task<BootstrapOutcome> ApplyAsync(BootstrapValues values, CancellationToken cancellationToken = default)
    {
        if (await accounts.FindFirstAsync(cancellationToken) is { } existing)
        {
            return new(existing, false, null, null);
        }

        Check(values);
        var outcome = await database.WriteAsync(
            (connection, transaction) => CreateAsync(connection, transaction, values), "making the first account", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return outcome ?? new((await accounts.FindFirstAsync(cancellationToken))!, false, null, null);
    }

    private async Task<BootstrapOutcome?> CreateAsync(DbConnection connection, DbTransaction transaction, BootstrapValues values)
    {
        // Looked at again under the write lock: two programs may start at once.
        if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM accounts", transaction: transaction) > 0)
        {
            return null;
        }

        var setupToken = values.Password is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)) : null;
        var passwordHash = values.Password is { } password ? new PasswordHasher<Account>().HashPassword(null!, password) : null;
        var account = await accounts.InsertAsync(
            connection, transaction, values.Email ?? "Operator", values.Email, passwordHash, isOperator: true,
            setupToken is null ? null : KeySecret.Hash(setupToken));

        var secret = values.Key ?? KeySecret.Create();
        await keys.InsertAsync(connection, transaction, new() { AccountId = account.Id, Name = "First key" }, secret);
        if (values.ProvisioningKey is { } provisioning)
        {
            await keys.InsertAsync(
                connection, transaction, new() { AccountId = account.Id, Name = "First provisioning key", IsProvisioning = true }, provisioning);
        }

        if ((values.Credits ?? Welcome) is { PicoDollars: > 0 } credits)
        {
            await ledger.PostWithinAsync(connection, transaction, new()
            {
                AccountId = account.Id, Kind = PostingKind.Grant, Amount = credits, IdempotencyKey = $"bootstrap:{account.PublicId}", Actor = "bootstrap",
                Note = "Credits of the first account",
            });
        }

        return new(account, true, values.Key is null ? secret : null, setupToken);
    }

    private static void Check(BootstrapValues values)
    {
        CheckKey(values.Key, "FAIRLEAD_BOOTSTRAP_KEY");
        CheckKey(values.ProvisioningKey, "FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY");
        if (values.Key is not null && values.Key == values.ProvisioningKey)
        {
            throw new FormatException("FAIRLEAD_BOOTSTRAP_KEY and FAIRLEAD_BOOTSTRAP_PROVISIONING_KEY must differ.");
        }

        if (values.Credits is { IsNegative: true })
        {
            throw new FormatException("FAIRLEAD_BOOTSTRAP_CREDITS must not be negative.");
        }

        if (values.Password is not null && string.IsNullOrWhiteSpace(values.Email))
        {
            throw new FormatException("FAIRLEAD_BOOTSTRAP_PASSWORD needs FAIRLEAD_BOOTSTRAP_EMAIL too.");
        }
    }

    private static void CheckKey(string? secret, string variable)
    {
        if (secret is not null && !KeySecret.IsWellFormed(secret))
        {
            throw new FormatException($"{variable} must be \"{KeySecret.Prefix}\" followed by 64 lower-case hex digits.");
        }
    }
}
