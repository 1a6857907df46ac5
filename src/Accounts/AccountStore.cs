using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Accounts;

/// <summary>SQL of accounts.</summary>
public sealed class AccountStore(Database database, TimeProvider clock)
{
    private const string Columns =
        "SELECT id, public_id AS PublicId, name, email, is_operator AS IsOperator, created_at_ms AS CreatedAtMs FROM accounts";

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The first account: what <c>--account</c> means when it is not given. Null in an empty database.</summary>
    public Task<Account?> FindFirstAsync(CancellationToken cancellationToken = default) => FindAsync("ORDER BY id LIMIT 1", null, cancellationToken);

    /// <summary>The account with this row id.</summary>
    public Task<Account?> FindAsync(long id, CancellationToken cancellationToken = default) => FindAsync("WHERE id = @id", new { id }, cancellationToken);

    /// <summary>The account with this public id or e-mail address.</summary>
    public Task<Account?> FindAsync(string publicIdOrEmail, CancellationToken cancellationToken = default) =>
        FindAsync("WHERE public_id = @publicIdOrEmail OR email = @publicIdOrEmail", new { publicIdOrEmail }, cancellationToken);

    /// <summary>Writes an account in the caller's transaction.</summary>
    internal async Task<Account> InsertAsync(
        DbConnection connection, DbTransaction transaction, string name, string? email, string? passwordHash, bool isOperator, string? setupTokenHash)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var publicId = "user_" + RandomNumberGenerator.GetString(Alphabet, 27);
        var id = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO accounts (public_id, name, email, password_hash, is_operator, setup_token_hash, created_at_ms)
            VALUES (@publicId, @name, @email, @passwordHash, @isOperator, @setupTokenHash, @now) RETURNING id
            """,
            new { publicId, name, email, passwordHash, isOperator = isOperator ? 1 : 0, setupTokenHash, now }, transaction);
        return new()
        {
            Id = id, PublicId = publicId, Name = name, Email = email, IsOperator = isOperator, CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now),
        };
    }

    private async Task<Account?> FindAsync(string where, object? arguments, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<AccountRow>(
                new CommandDefinition($"{Columns} {where}", arguments, cancellationToken: cancellationToken)),
            "reading an account");
        return row is null ? null : new()
        {
            Id = row.Id, PublicId = row.PublicId, Name = row.Name, Email = row.Email, IsOperator = row.IsOperator != 0,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMs),
        };
    }

    /// <summary>A row as the database gives it.</summary>
    private sealed class AccountRow
    {
        public long Id { get; init; }
        public string PublicId { get; init; } = "";
        public string Name { get; init; } = "";
        public string? Email { get; init; }
        public long IsOperator { get; init; }
        public long CreatedAtMs { get; init; }
    }
}
