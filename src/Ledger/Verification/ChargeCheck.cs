using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using Fairlead.Ledger.Postings;

namespace Fairlead.Ledger.Verification;

/// <summary>M1: each settlement batch's entries are exactly what its generations cost, for every account in it.</summary>
internal sealed class ChargeCheck : ILedgerCheck
{
    public string Name => "M1";

    public string Claim => "every charge recorded with a generation is in the entries of its batch, and no other";

    public void Run(DbConnection connection, Findings findings)
    {
        foreach (var id in connection.Query<string>(
            "SELECT id FROM generations WHERE posting_id IS NULL AND (cost != 0 OR overrun != 0)", buffered: false))
        {
            findings.Add($"{id} has a cost and no entries");
        }

        // One stream of generations and entries by posting: a connection to PostgreSQL reads one result at a time.
        var batch = new Batch();
        foreach (var row in connection.Query<ChargeRow>(
            $"""
            SELECT posting_id AS Posting, id AS Id, account_id AS Account, cost AS Amount, overrun AS Overrun,
                CASE is_byok WHEN 0 THEN upstream_cost ELSE 0 END AS Provider
            FROM generations WHERE posting_id IS NOT NULL
            UNION ALL
            SELECT e.posting_id, NULL, e.account_id, e.amount, 0, 0 FROM entries e JOIN postings p ON p.id = e.posting_id
            WHERE p.kind = {(int)PostingKind.Usage}
            ORDER BY 1
            """,
            buffered: false))
        {
            if (row.Posting != batch.Posting)
            {
                batch.Report(findings);
                batch.Begin(row.Posting);
            }

            if (row.Id is null)
            {
                batch.TakeOff(row.Account, row.Amount);
            }
            else
            {
                findings.Looked++;
                batch.Add(row);
            }
        }

        batch.Report(findings);
    }

    /// <summary>A generation's charge, or, without an id, an entry.</summary>
    private sealed class ChargeRow
    {
        public long Posting { get; init; }
        public string? Id { get; init; }
        public long Account { get; init; }
        public long Amount { get; init; }
        public long Overrun { get; init; }
        public long Provider { get; init; }
    }

    /// <summary>What the generations of one posting add up to: customers by id, the platform by the kind of its account.</summary>
    private sealed class Batch
    {
        private readonly Dictionary<long, Int128> _owed = [];
        private readonly List<string> _ids = [];

        public long Posting { get; private set; } = -1;

        public void Begin(long posting)
        {
            Posting = posting;
            _owed.Clear();
            _ids.Clear();
        }

        public void Add(ChargeRow row)
        {
            if (_ids.Count < 3)
            {
                _ids.Add(row.Id!);
            }

            Move(row.Account, -(Int128)row.Amount);
            Move(-(long)PlatformAccount.Overrun, -(Int128)row.Overrun);
            Move(-(long)PlatformAccount.ProviderCost, row.Provider);
            Move(-(long)PlatformAccount.Fees, (Int128)row.Amount + row.Overrun - row.Provider);
        }

        public void TakeOff(long account, long amount) =>
            Move(LedgerAccountId.IsCustomer(account) ? account : account % 100, -(Int128)amount);

        public void Report(Findings findings)
        {
            foreach (var (account, difference) in _owed)
            {
                if (difference != 0)
                {
                    findings.Add(_ids.Count == 0
                        ? $"posting {Posting} charges account {account} and has no generation"
                        : $"posting {Posting}: account {account} differs by {difference} from its generations ({string.Join(", ", _ids)})");
                }
            }
        }

        private void Move(long account, Int128 amount)
        {
            ref var owed = ref CollectionsMarshal.GetValueRefOrAddDefault(_owed, account, out _);
            owed += amount;
        }
    }
}
