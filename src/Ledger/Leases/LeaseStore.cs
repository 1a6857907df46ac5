using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;
using Fairlead.Storage.Nodes;

namespace Fairlead.Ledger.Leases;

/// <summary>
/// SQL of what nodes reserve for themselves, on PostgreSQL. Locks are taken in the order of settlements: accounts by descending id, their leases, the leases of
/// their keys.
/// </summary>
internal sealed class LeaseStore(Database database, NodeLease lease)
{
    private const string RunIsOver = "this run of the node is over";
    private const string OwnRun = "FROM nodes WHERE id = @Node AND run = @Run";

    /// <summary>Reserves for those who wait, as <see cref="ReservePlan"/> says, in one transaction.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="inHand">What this node has reserved of it and not promised.</param>
    /// <param name="keys">The limited keys asked for.</param>
    /// <param name="wants">Those who wait.</param>
    /// <exception cref="StorageException">The database refuses, or this run of the node is over; what was reserved then is not known.</exception>
    public Task<ReservePlan> ReserveAsync(long accountId, long inHand, IReadOnlyList<KeyAsked> keys, IReadOnlyList<Want> wants) =>
        database.WriteSharedAsync(
            async (connection, transaction) =>
            {
                var free = await connection.ExecuteScalarAsync<long>(
                    "SELECT balance - reserved FROM ledger_accounts WHERE id = @accountId FOR UPDATE", new { accountId }, transaction);
                await HandBackKeysAsync(connection, transaction, [.. keys.Where(static key => key.GivenUp > 0).Select(static key => (key.Key.KeyId, key.GivenUp))]);
                var left = keys.Count == 0 ? [] : await LeftOfKeysAsync(connection, transaction, keys);
                var plan = ReservePlan.Make(free, inHand, left, wants);
                await TakeAsync(connection, transaction, accountId, plan);
                return plan;
            },
            "reserving credits");

    /// <summary>Hands idle parts back, in one transaction.</summary>
    /// <exception cref="StorageException">The database refuses; whether anything was handed back is not known.</exception>
    public Task HandBackAsync(IReadOnlyList<IdlePart> parts) => database.WriteSharedAsync(
        async (connection, transaction) =>
        {
            await LockAsync(connection, transaction, [.. parts.Select(static part => part.Funds.AccountId)]);
            var accounts = parts.Where(static part => part.Amount > 0).ToList();
            var (ids, amounts) = (accounts.Select(static part => part.Funds.AccountId).ToArray(), accounts.Select(static part => part.Amount).ToArray());
            await connection.ExecuteAsync(
                """
                UPDATE ledger_accounts a SET reserved = a.reserved - t.amount FROM unnest(@ids, @amounts) AS t(id, amount) WHERE a.id = t.id;
                """,
                new { ids, amounts }, transaction);
            var changed = await connection.ExecuteAsync(
                "UPDATE account_leases l SET reserved = l.reserved - t.amount FROM unnest(@ids, @amounts) AS t(id, amount) WHERE l.account_id = t.id AND l.node_id = @Node",
                new { ids, amounts, Node }, transaction);
            Ensure(changed == ids.Length, "an account's lease is gone");
            await connection.ExecuteAsync(
                "DELETE FROM account_leases WHERE node_id = @Node AND account_id = ANY (@ids) AND reserved = 0", new { ids, Node }, transaction);
            await HandBackKeysAsync(connection, transaction, [.. parts.SelectMany(static part => part.Keys).Select(static key => (key.Key.KeyId, key.Amount))]);
            return true;
        },
        "handing back reserved credits");

    /// <summary>
    /// Makes sure that this node has reserved what a charge draws that was shown already: of the account as far as there are free credits, of a limited key in any case.
    /// </summary>
    /// <returns>How much of the charge is covered.</returns>
    /// <exception cref="StorageException">The database refuses, or (<see cref="StorageFailure.NodeInUse"/>) this run of the node is over.</exception>
    public Task<long> CoverAsync(long accountId, long keyId, long charged, long ofKeyLease) => database.WriteSharedAsync(
        async (connection, transaction) =>
        {
            var (free, reserved) = await connection.QuerySingleOrDefaultAsync<(long, long)>(
                """
                SELECT balance - reserved, COALESCE((SELECT l.reserved FROM account_leases l WHERE l.account_id = a.id AND l.node_id = @Node), 0)
                FROM ledger_accounts a WHERE id = @accountId FOR UPDATE OF a
                """,
                new { accountId, Node }, transaction);
            var taken = Math.Clamp(charged - reserved, 0, Math.Max(0, free));
            if (await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) {OwnRun}", new { Node, lease.Run }, transaction) == 0)
            {
                throw new StorageException(StorageFailure.NodeInUse, $"Charges of the journal cannot be settled: {RunIsOver}.");
            }

            await connection.ExecuteAsync(
                """
                UPDATE ledger_accounts SET reserved = reserved + @taken WHERE id = @accountId;
                INSERT INTO account_leases AS l (account_id, node_id, reserved) SELECT @accountId, @Node, @taken WHERE @taken > 0
                ON CONFLICT (account_id, node_id) DO UPDATE SET reserved = l.reserved + EXCLUDED.reserved;
                INSERT INTO key_leases AS l (key_id, node_id, account_id, reserved) SELECT @keyId, @Node, @accountId, @ofKeyLease WHERE @ofKeyLease > 0
                ON CONFLICT (key_id, node_id) DO UPDATE SET reserved = GREATEST(l.reserved, EXCLUDED.reserved);
                """,
                new { taken, accountId, keyId, ofKeyLease, Node }, transaction);
            return Math.Min(charged, reserved + taken);
        },
        "covering a charge of the journal");

    /// <summary>What the database says this node has reserved of an account and its keys. Under the write lease, so that no charge of ours commits meanwhile.</summary>
    public (long Account, Dictionary<long, long> Keys) Read(DbConnection connection, long accountId)
    {
        var account = connection.ExecuteScalar<long>(
            "SELECT COALESCE((SELECT reserved FROM account_leases WHERE account_id = @accountId AND node_id = @Node), 0)", new { accountId, Node });
        var keys = connection.Query<(long Key, long Reserved)>(
            "SELECT key_id, reserved FROM key_leases WHERE account_id = @accountId AND node_id = @Node", new { accountId, Node });
        return (account, keys.ToDictionary(static key => key.Key, static key => key.Reserved));
    }

    /// <summary>Frees everything that is reserved in the name of a node that runs no more (or has just begun), in the caller's transaction.</summary>
    public static async Task FreeAllAsync(DbConnection connection, DbTransaction transaction, string node)
    {
        var ids = await connection.QueryAsync<long>("SELECT account_id FROM account_leases WHERE node_id = @node", new { node }, transaction);
        await LockAsync(connection, transaction, [.. ids]);
        await connection.ExecuteAsync(
            """
            UPDATE ledger_accounts a SET reserved = a.reserved - l.reserved FROM account_leases l WHERE l.account_id = a.id AND l.node_id = @node;
            DELETE FROM account_leases WHERE node_id = @node;
            DELETE FROM key_leases WHERE node_id = @node;
            """,
            new { node }, transaction);
    }

    private string Node => lease.NodeId.Value;

    private async Task TakeAsync(DbConnection connection, DbTransaction transaction, long accountId, ReservePlan plan)
    {
        if (plan.Taken > 0)
        {
            await connection.ExecuteAsync(
                "UPDATE ledger_accounts SET reserved = reserved + @Taken WHERE id = @accountId", new { accountId, plan.Taken }, transaction);
            var written = await connection.ExecuteAsync(
                $"""
                INSERT INTO account_leases AS l (account_id, node_id, reserved) SELECT @accountId, @Node, @Taken {OwnRun}
                ON CONFLICT (account_id, node_id) DO UPDATE SET reserved = l.reserved + EXCLUDED.reserved
                """,
                new { accountId, Node, lease.Run, plan.Taken }, transaction);
            Ensure(written == 1, RunIsOver);
        }

        var taken = plan.Keys.Where(static key => key.Value.Taken > 0).OrderBy(static key => key.Key).ToList();
        if (taken.Count > 0)
        {
            var (keys, amounts) = (taken.Select(static key => key.Key).ToArray(), taken.Select(static key => key.Value.Taken).ToArray());
            var written = await connection.ExecuteAsync(
                $"""
                INSERT INTO key_leases AS l (key_id, node_id, account_id, reserved)
                SELECT t.id, @Node, @accountId, t.amount FROM unnest(@keys, @amounts) AS t(id, amount) WHERE EXISTS (SELECT 1 {OwnRun}) ORDER BY t.id
                ON CONFLICT (key_id, node_id) DO UPDATE SET reserved = l.reserved + EXCLUDED.reserved
                """,
                new { keys, amounts, accountId, Node, lease.Run }, transaction);
            Ensure(written == keys.Length, RunIsOver);
        }
    }

    /// <summary>
    /// Usage and reservations of one snapshot: a charge that commits moves from one to the other. Days after the key's are counted too, as everywhere.
    /// </summary>
    private static async Task<IEnumerable<(long, long, long)>> LeftOfKeysAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<KeyAsked> keys)
    {
        var rows = await connection.QueryAsync<(long Id, long Counted, long Reserved)>(
            """
            SELECT k.id,
                (SELECT COALESCE(SUM(u.usage + k.byok * u.byok_usage), 0)::BIGINT FROM key_usage_daily u WHERE u.key_id = k.id AND u.day >= k.since),
                (SELECT COALESCE(SUM(l.reserved), 0)::BIGINT FROM key_leases l WHERE l.key_id = k.id)
            FROM unnest(@ids, @sinces, @byoks) AS k(id, since, byok)
            """,
            new
            {
                ids = keys.Select(static key => key.Key.KeyId).ToArray(),
                sinces = keys.Select(static key => key.Since).ToArray(),
                byoks = keys.Select(static key => key.Limit.IncludeByok ? 1L : 0L).ToArray(),
            },
            transaction);
        var byId = keys.ToDictionary(static key => key.Key.KeyId);
        return rows.Select(row => (row.Id, checked(byId[row.Id].Limit.Amount.PicoDollars - row.Counted - row.Reserved), byId[row.Id].InHand));
    }

    private async Task HandBackKeysAsync(DbConnection connection, DbTransaction transaction, (long Key, long Amount)[] keys)
    {
        if (keys.Length == 0)
        {
            return;
        }

        var (ids, amounts) = (keys.Select(static key => key.Key).ToArray(), keys.Select(static key => key.Amount).ToArray());
        var changed = await connection.ExecuteAsync(
            "UPDATE key_leases l SET reserved = l.reserved - t.amount FROM unnest(@ids, @amounts) AS t(id, amount) WHERE l.key_id = t.id AND l.node_id = @Node",
            new { ids, amounts, Node }, transaction);
        Ensure(changed == ids.Length, "a key's lease is gone");
        await connection.ExecuteAsync("DELETE FROM key_leases WHERE node_id = @Node AND key_id = ANY (@ids) AND reserved = 0", new { ids, Node }, transaction);
    }

    /// <summary>In the order of settlements, so that no two transactions wait for each other in a circle.</summary>
    private static Task<int> LockAsync(DbConnection connection, DbTransaction transaction, long[] ids) => connection.ExecuteAsync(
        "SELECT 1 FROM ledger_accounts WHERE id = ANY (@ids) ORDER BY id DESC FOR UPDATE", new { ids }, transaction);

    private static void Ensure(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new StorageException($"What this node has reserved is not what it believed: {otherwise}.");
        }
    }
}

/// <summary>A limited key that is asked for, as this node knows it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Limit">Its cap.</param>
/// <param name="Since">The first day of the cap's window.</param>
/// <param name="InHand">What is reserved of it here and not promised.</param>
/// <param name="GivenUp">What was reserved under another cap, to be handed back first.</param>
internal readonly record struct KeyAsked(KeySpend Key, KeyLimit Limit, long Since, long InHand, long GivenUp);
