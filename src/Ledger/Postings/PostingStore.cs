using System.Data.Common;
using System.Globalization;
using Dapper;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;

namespace Fairlead.Ledger.Postings;

/// <summary>SQL of postings other than usage.</summary>
internal static class PostingStore
{
    /// <summary>Writes a posting and its two entries in the caller's transaction, once per idempotency key.</summary>
    public static async Task<(PostingOutcome Outcome, LedgerRow Row)> WriteAsync(
        DbConnection connection, DbTransaction transaction, Posting posting, DateTimeOffset now)
    {
        var row = FindRow(connection, posting.AccountId, transaction);
        var delta = Delta(posting);
        if (await FindFirstAsync(connection, transaction, posting, delta) is { } first)
        {
            return (new(first.Same ? PostingResult.AlreadyPosted : PostingResult.KeyReused, first.Id, new(row.Credited - row.Used)), row);
        }

        if (!TryApply(row, posting, delta, out var after, out var refusal))
        {
            return (new(refusal, null, new(row.Credited - row.Used)), row);
        }

        var id = await connection.ExecuteScalarAsync<long>(
            """
            INSERT INTO postings (kind, created_at_ms, idempotency_key, actor, note) VALUES (@Kind, @Now, @IdempotencyKey, @Actor, @Note) RETURNING id
            """,
            new { Kind = (int)posting.Kind, Now = now.ToUnixTimeMilliseconds(), posting.IdempotencyKey, posting.Actor, posting.Note }, transaction);
        // The customer's first, as settlements do, so that no two transactions wait for each other in a circle.
        await AddEntryAsync(connection, transaction, id, posting.AccountId, delta, delta, after.Purchased - row.Purchased);
        await AddEntryAsync(connection, transaction, id, LedgerAccountId.Of(CounterAccount(posting.Kind), now), -delta, 0, 0);
        return (new(PostingResult.Posted, id, new(after.Credited - after.Used)), after);
    }

    /// <summary>A customer's totals; zeros while nothing was ever posted. In a transaction they stay so until its end.</summary>
    public static LedgerRow FindRow(DbConnection connection, long accountId, DbTransaction? transaction = null)
    {
        // On PostgreSQL other nodes settle meanwhile; on SQLite whoever writes is alone.
        var keep = transaction is not null && connection.IsPostgreSql() ? "FOR UPDATE" : "";
        var (credited, used, purchased, reserved) = connection.QueryFirstOrDefault<(long, long, long, long)>(
            $"SELECT credited, used, purchased, {Reserved(connection)} FROM ledger_accounts WHERE id = @accountId {keep}", new { accountId }, transaction);
        return new(credited, used, purchased, reserved);
    }

    /// <summary>As <see cref="FindRow"/>, for many at once.</summary>
    public static Dictionary<long, LedgerRow> FindRows(DbConnection connection, IEnumerable<long> accountIds)
    {
        var list = string.Join(',', accountIds.Select(static id => id.ToString(CultureInfo.InvariantCulture)));
        var rows = connection.Query<(long Id, long Credited, long Used, long Purchased, long Reserved)>(new CommandDefinition(
            $"SELECT id, credited, used, purchased, {Reserved(connection)} FROM ledger_accounts WHERE id IN ({list})", flags: CommandFlags.Buffered | CommandFlags.NoCache));
        return rows.ToDictionary(static row => row.Id, static row => new LedgerRow(row.Credited, row.Used, row.Purchased, row.Reserved));
    }

    /// <summary>Nothing is reserved where one node has the database to itself.</summary>
    private static string Reserved(DbConnection connection) => connection.IsPostgreSql() ? "reserved" : "0";

    /// <summary>What the posting adds to the account's credits.</summary>
    internal static long Delta(Posting posting) => posting.Kind switch
    {
        PostingKind.Purchase or PostingKind.Grant when posting.Amount.PicoDollars > 0 => posting.Amount.PicoDollars,
        PostingKind.Refund or PostingKind.Expiry when posting.Amount.PicoDollars > 0 => -posting.Amount.PicoDollars,
        PostingKind.Adjustment when posting.Amount.PicoDollars != 0 => posting.Amount.PicoDollars,
        PostingKind.Usage => throw new ArgumentException("Usage is posted by settling a generation."),
        _ => throw new ArgumentException($"A posting of kind {posting.Kind} does not take the amount {posting.Amount}."),
    };

    private static PlatformAccount CounterAccount(PostingKind kind) => kind switch
    {
        PostingKind.Purchase or PostingKind.Refund => PlatformAccount.Payments,
        PostingKind.Grant or PostingKind.Expiry => PlatformAccount.Promotions,
        _ => PlatformAccount.Adjustments,
    };

    private static bool TryApply(LedgerRow row, Posting posting, long delta, out LedgerRow after, out PostingResult refusal)
    {
        after = default;
        try
        {
            var bought = delta > 0 && posting.Kind is PostingKind.Purchase or PostingKind.Adjustment ? Math.Max(0, delta) : 0;
            after = checked(new LedgerRow(row.Credited + delta, row.Used, row.Purchased + bought, row.Reserved));
            refusal = PostingResult.InsufficientBalance;
            return delta > 0 || after.Credited - after.Used >= after.Reserved;
        }
        catch (OverflowException)
        {
            refusal = PostingResult.TooLarge;
            return false;
        }
    }

    private static async Task<(long Id, bool Same)?> FindFirstAsync(DbConnection connection, DbTransaction transaction, Posting posting, long delta)
    {
        var found = await connection.QueryAsync<(long Id, int Kind, long? Amount)>(
            """
            SELECT p.id, p.kind, e.amount FROM postings p LEFT JOIN entries e ON e.posting_id = p.id AND e.account_id = @AccountId
            WHERE p.idempotency_key = @IdempotencyKey
            """,
            new { posting.AccountId, posting.IdempotencyKey }, transaction);
        foreach (var (id, kind, amount) in found)
        {
            return (id, kind == (int)posting.Kind && amount == delta);
        }

        return null;
    }

    private static Task<int> AddEntryAsync(
        DbConnection connection, DbTransaction transaction, long posting, long account, long amount, long credited, long purchased) =>
        connection.ExecuteAsync(
            """
            INSERT INTO entries (posting_id, account_id, amount) VALUES (@posting, @account, @amount);
            INSERT INTO ledger_accounts (id, balance, credited, used, purchased) VALUES (@account, 0, 0, 0, 0) ON CONFLICT (id) DO NOTHING;
            UPDATE ledger_accounts SET balance = balance + @amount, credited = credited + @credited, purchased = purchased + @purchased WHERE id = @account;
            """,
            new { posting, account, amount, credited, purchased }, transaction);
}
