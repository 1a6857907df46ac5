using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using Fairlead.Ledger.Postings;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>M3: every posting sums to zero, every balance is the sum of its entries, and nothing can change an entry.</summary>
internal sealed class DoubleEntryCheck : ILedgerCheck
{
    private static readonly string[] Triggers =
        ["entries_no_update", "entries_no_delete", "postings_no_update", "postings_no_delete", "generations_no_recharge",
        "price_snapshots_no_update", "price_snapshots_no_delete"];

    private static readonly string[] TriggersOnPostgreSql = ["entries_no_truncate", "postings_no_truncate", "price_snapshots_no_truncate"];

    public string Name => "M3";

    public string Claim => "every balance is the sum of its entries, every posting sums to zero, entries are append-only";

    public void Run(DbConnection connection, Findings findings)
    {
        var sums = new Dictionary<long, Sums>();
        SumEntries(connection, sums, findings);
        CompareBalances(connection, sums, findings);
        foreach (var id in connection.Query<long>(
            "SELECT id FROM postings WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.posting_id = postings.id)", buffered: false))
        {
            findings.Add($"posting {id} has no entries");
        }

        foreach (var trigger in connection.IsPostgreSql() ? [.. Triggers, .. TriggersOnPostgreSql] : Triggers)
        {
            if (!HasTrigger(connection, trigger))
            {
                findings.Add($"the trigger {trigger}, which keeps the ledger append-only, is missing");
            }
        }
    }

    private static bool HasTrigger(DbConnection connection, string name) => connection.ExecuteScalar<long>(
        connection.IsPostgreSql()
            // One that is disabled is as good as none.
            ? """
              SELECT COUNT(*) FROM pg_trigger WHERE tgname = @name AND tgenabled <> 'D'
                  AND tgrelid IN ('entries'::regclass, 'postings'::regclass, 'generations'::regclass, 'price_snapshots'::regclass)
              """
            : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name = @name",
        new { name }) > 0;

    private static void SumEntries(DbConnection connection, Dictionary<long, Sums> sums, Findings findings)
    {
        var posting = -1L;
        Int128 sum = 0;
        foreach (var (id, account, amount, kind) in connection.Query<(long, long, long, long?)>(
            "SELECT e.posting_id, e.account_id, e.amount, p.kind FROM entries e LEFT JOIN postings p ON p.id = e.posting_id ORDER BY e.posting_id",
            buffered: false))
        {
            findings.Looked++;
            if (id != posting)
            {
                ReportUnbalanced(posting, sum, findings);
                (posting, sum) = (id, 0);
                if (kind is null)
                {
                    findings.Add($"entries of posting {id} have no posting");
                }
            }

            sum += amount;
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, account, out _);
            total.Balance += amount;
            total.Used -= kind == (long)PostingKind.Usage ? amount : 0;
        }

        ReportUnbalanced(posting, sum, findings);
    }

    private static void ReportUnbalanced(long posting, Int128 sum, Findings findings)
    {
        if (sum != 0)
        {
            findings.Add($"posting {posting} sums to {sum} instead of 0");
        }
    }

    private static void CompareBalances(DbConnection connection, Dictionary<long, Sums> sums, Findings findings)
    {
        foreach (var (id, balance, credited, used) in connection.Query<(long, long, long, long)>(
            "SELECT id, balance, credited, used FROM ledger_accounts", buffered: false))
        {
            sums.Remove(id, out var sum);
            if (balance != sum.Balance)
            {
                findings.Add($"account {id} holds {balance} and its entries sum to {sum.Balance}");
            }

            if (LedgerAccountId.IsCustomer(id) && (used != sum.Used || credited != sum.Balance + sum.Used))
            {
                findings.Add($"account {id} shows {credited} credited and {used} used, its entries {sum.Balance + sum.Used} and {sum.Used}");
            }
        }

        foreach (var (id, sum) in sums)
        {
            findings.Add($"account {id} has entries of {sum.Balance} and no balance");
        }
    }

    private struct Sums
    {
        public Int128 Balance;
        public Int128 Used;
    }
}
