using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>M4: no customer has spent or set aside more than there is, and the sums that key limits are judged by are those of the charges.</summary>
internal sealed class LimitCheck : ILedgerCheck
{
    public string Name => "M4";

    public string Claim => "no balance is below zero or below what is set aside or reserved, and usage per key and hour is the sum of its charges";

    public void Run(DbConnection connection, Findings findings)
    {
        var setAside = new Dictionary<long, Int128>();
        foreach (var (account, estimate) in connection.Query<(long, long)>("SELECT account_id, estimate FROM intents", buffered: false))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(setAside, account, out _) += estimate;
        }

        foreach (var (id, balance) in connection.Query<(long, long)>("SELECT id, balance FROM ledger_accounts WHERE id > 0", buffered: false))
        {
            findings.Looked++;
            var reserved = setAside.GetValueOrDefault(id);
            if (balance < 0)
            {
                findings.Add($"account {id} is at {balance}");
            }
            else if (balance < reserved)
            {
                findings.Add($"account {id} holds {balance} and has {reserved} set aside");
            }
        }

        if (connection.IsPostgreSql())
        {
            CheckLeases(connection, findings);
        }

        CompareUsage(
            connection, findings, "key {0}, day {1}: usage",
            "SELECT key_id, settled_day, cost, CASE is_byok WHEN 0 THEN 0 ELSE upstream_cost END FROM generations",
            "SELECT key_id, day, usage, byok_usage FROM key_usage_daily");
        CompareUsage(
            connection, findings, "account {0}, hour {1}: activity",
            "SELECT account_id, settled_at_ms / 3600000, cost, CASE is_byok WHEN 0 THEN 0 ELSE upstream_cost END FROM generations",
            "SELECT account_id, hour, usage, byok_usage FROM activity_hourly");
    }

    /// <summary>What nodes have reserved is what their leases say, never more than there is, and in the name of a node that is known.</summary>
    private static void CheckLeases(DbConnection connection, Findings findings)
    {
        foreach (var (id, balance, reserved, leases) in connection.Query<(long, long, long, decimal)>(
            """
            SELECT COALESCE(a.id, l.account_id), COALESCE(a.balance, 0), COALESCE(a.reserved, 0), COALESCE(l.reserved, 0) FROM ledger_accounts a
            FULL JOIN (SELECT account_id, SUM(reserved) AS reserved FROM account_leases GROUP BY account_id) l ON l.account_id = a.id
            WHERE COALESCE(a.reserved, 0) <> COALESCE(l.reserved, 0) OR (a.id > 0 AND a.reserved > a.balance)
            """,
            buffered: false))
        {
            findings.Add(reserved == leases
                ? $"account {id} holds {balance} and nodes have reserved {reserved}"
                : $"account {id} shows {reserved} reserved and the leases of its nodes are {leases}");
        }

        foreach (var node in connection.Query<string>(
            """
            SELECT node_id FROM account_leases UNION SELECT node_id FROM key_leases EXCEPT SELECT id FROM nodes
            """,
            buffered: false))
        {
            findings.Add($"node {node} is not known and has something reserved");
        }

        if (connection.ExecuteScalar<long>("SELECT COUNT(*) FROM pg_constraint WHERE conname = 'ledger_accounts_covered' AND convalidated") == 0)
        {
            findings.Add("the constraint ledger_accounts_covered, which keeps balances above what is reserved, is missing");
        }
    }

    private static void CompareUsage(DbConnection connection, Findings findings, string where, string charges, string rollUps)
    {
        var differences = new Dictionary<(long, long), (Int128 Usage, Int128 Byok)>();
        foreach (var (who, when, usage, byok) in connection.Query<(long, long, long, long)>(charges, buffered: false))
        {
            ref var difference = ref CollectionsMarshal.GetValueRefOrAddDefault(differences, (who, when), out _);
            difference = (difference.Usage + usage, difference.Byok + byok);
        }

        foreach (var (who, when, usage, byok) in connection.Query<(long, long, long, long)>(rollUps, buffered: false))
        {
            ref var difference = ref CollectionsMarshal.GetValueRefOrAddDefault(differences, (who, when), out _);
            difference = (difference.Usage - usage, difference.Byok - byok);
        }

        foreach (var ((who, when), (usage, byok)) in differences)
        {
            if (usage != 0 || byok != 0)
            {
                findings.Add($"{where.Replace("{0}", $"{who}").Replace("{1}", $"{when}")} differs by {-usage} (own provider keys {-byok}) from its charges");
            }
        }
    }
}
