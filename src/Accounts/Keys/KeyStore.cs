using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Accounts.Keys;

/// <summary>
/// SQL of API keys. Deleted keys keep their row, since generations refer to it, and are found no more. When a change returns, <see cref="KeyIndex"/> has it.
/// </summary>
public sealed class KeyStore(Database database, TimeProvider clock, KeyIndex index)
{
    private const string NextRevision = "(SELECT COALESCE(MAX(revision), 0) + 1 FROM api_keys)";

    /// <summary>Makes a key. Throws <see cref="ArgumentException"/> when the plaintext given is malformed.</summary>
    public async Task<CreatedKey> CreateAsync(NewKey wish, CancellationToken cancellationToken = default)
    {
        var secret = wish.Secret ?? KeySecret.Create();
        await database.WriteAsync(
            (connection, transaction) => InsertAsync(connection, transaction, wish, secret), "making a key", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return new((await FindAsync(KeySecret.Hash(secret), cancellationToken))!, secret);
    }

    /// <summary>The key with this public hash; null when unknown or deleted.</summary>
    public async Task<ApiKey?> FindAsync(string hash, CancellationToken cancellationToken = default)
    {
        var row = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<KeyRow>(
                new CommandDefinition($"{KeyRow.Select} WHERE k.hash = @hash AND k.deleted = 0", new { hash }, cancellationToken: cancellationToken)),
            "reading an API key");
        return row?.ToKey();
    }

    /// <summary>The row id of an account's API key with this public hash, a deleted one included; null when there never was one.</summary>
    public Task<long?> FindIdAsync(long accountId, string hash, CancellationToken cancellationToken = default) => database.ReadAsync(
        connection => connection.QueryFirstOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT id FROM api_keys WHERE hash = @hash AND account_id = @accountId", new { hash, accountId }, cancellationToken: cancellationToken)),
        "reading an API key");

    /// <summary>Keys of an account, newest first.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="provisioning">Management keys (true) or API keys (false).</param>
    /// <param name="includeDisabled">Disabled ones too.</param>
    /// <param name="offset">How many to pass over.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(
        long accountId, bool provisioning = false, bool includeDisabled = false, int offset = 0, int count = 100, CancellationToken cancellationToken = default)
    {
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<KeyRow>(new CommandDefinition(
                $"""
                {KeyRow.Select} WHERE k.account_id = @accountId AND k.is_provisioning = @provisioning AND k.deleted = 0
                    AND k.disabled <= @mostDisabled
                ORDER BY k.id DESC LIMIT @count OFFSET @offset
                """,
                new { accountId, provisioning = provisioning ? 1 : 0, mostDisabled = includeDisabled ? 1 : 0, offset, count }, cancellationToken: cancellationToken)),
            "reading API keys");
        return [.. rows.Select(static row => row.ToKey())];
    }

    /// <summary>Changes a key in one statement, so that changes of different members made at once are all kept; null when it is unknown.</summary>
    public async Task<ApiKey?> ChangeAsync(string hash, KeyChange change, CancellationToken cancellationToken = default)
    {
        if (change.Limit is { Value.IsNegative: true })
        {
            throw new ArgumentException("A key's limit is never negative.", nameof(change));
        }

        var (assignments, values) = KeyAssignments.Of(change);
        values.Add("hash", hash);
        values.Add("now", NowMs());
        var touched = await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"UPDATE api_keys SET {assignments}updated_at_ms = @now, revision = {NextRevision} WHERE hash = @hash AND deleted = 0", values, transaction),
            "changing a key", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return touched == 0 ? null : await FindAsync(hash, cancellationToken);
    }

    /// <summary>Deletes a key; false when unknown.</summary>
    public async Task<bool> DeleteAsync(string hash, CancellationToken cancellationToken = default)
    {
        var touched = await database.WriteAsync(
            (connection, transaction) => connection.ExecuteAsync(
                $"UPDATE api_keys SET deleted = 1, disabled = 1, updated_at_ms = @Now, revision = {NextRevision} WHERE hash = @hash AND deleted = 0",
                new { hash, Now = NowMs() }, transaction),
            "deleting a key", cancellationToken: cancellationToken);
        await index.RefreshAsync(cancellationToken);
        return touched == 1;
    }

    /// <summary>Writes a key in the caller's transaction.</summary>
    internal Task<int> InsertAsync(DbConnection connection, DbTransaction transaction, NewKey wish, string secret)
    {
        if (!KeySecret.IsWellFormed(secret))
        {
            throw new ArgumentException("A key is \"sk-or-v1-\" and 64 lower-case hex digits.", nameof(secret));
        }

        if (wish.Limit is { IsNegative: true })
        {
            throw new ArgumentException("A key's limit is never negative.", nameof(wish));
        }

        return connection.ExecuteAsync(
            $"""
            INSERT INTO api_keys (
                account_id, hash, name, label, is_provisioning, disabled, spend_limit, limit_reset, include_byok_in_limit,
                rpm, tpm, concurrency, expires_at_ms, created_at_ms, revision)
            VALUES (@AccountId, @Hash, @Name, @Label, @IsProvisioning, 0, @Limit, @Reset, @IncludeByokInLimit,
                @Rpm, @Tpm, @Concurrency, @ExpiresAtMs, @Now, {NextRevision})
            """,
            new
            {
                wish.AccountId, Hash = KeySecret.Hash(secret), wish.Name, Label = KeySecret.Label(secret),
                IsProvisioning = wish.IsProvisioning ? 1 : 0,
                Limit = wish.Limit?.PicoDollars, Reset = (int)wish.Reset, IncludeByokInLimit = wish.IncludeByokInLimit ? 1 : 0,
                wish.RateLimits.Rpm, wish.RateLimits.Tpm, wish.RateLimits.Concurrency,
                ExpiresAtMs = wish.ExpiresAt?.ToUnixTimeMilliseconds(), Now = NowMs(),
            },
            transaction);
    }

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
