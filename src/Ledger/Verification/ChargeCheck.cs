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

        using var entries = connection.Query<(long Posting, long Account, long Amount)>(
            $"""
            SELECT e.posting_id, e.account_id, e.amount FROM entries e JOIN postings p ON p.id = e.posting_id
            WHERE p.kind = {(int)PostingKind.Usage} ORDER BY e.posting_id
            """,
            buffered: false).GetEnumerator();
        var hasEntry = entries.MoveNext();
        var batch = new Batch();
        foreach (var row in connection.Query<ChargeRow>(
            """
            SELECT posting_id AS Posting, id, account_id AS Account, cost, overrun, CASE is_byok WHEN 0 THEN upstream_cost ELSE 0 END AS Provider
            FROM generations WHERE posting_id IS NOT NULL ORDER BY posting_id
            """,
            buffered: false))
        {
            findings.Looked++;
            if (row.Posting != batch.Posting)
            {
                hasEntry = Compare(batch, entries, hasEntry, findings);
                batch.Begin(row.Posting);
            }

            batch.Add(row);
        }

        hasEntry = Compare(batch, entries, hasEntry, findings);
        while (hasEntry)
        {
            findings.Add($"posting {entries.Current.Posting} charges account {entries.Current.Account} and has no generation");
            hasEntry = entries.MoveNext();
        }
    }

    /// <summary>Takes the entries up to and of the batch off what its generations say; whatever is left is wrong.</summary>
    private static bool Compare(Batch batch, IEnumerator<(long Posting, long Account, long Amount)> entries, bool hasEntry, Findings findings)
    {
        while (hasEntry && entries.Current.Posting <= batch.Posting)
        {
            if (entries.Current.Posting < batch.Posting)
            {
                findings.Add($"posting {entries.Current.Posting} charges account {entries.Current.Account} and has no generation");
            }
            else
            {
                batch.TakeOff(entries.Current.Account, entries.Current.Amount);
            }

            hasEntry = entries.MoveNext();
        }

        batch.Report(findings);
        return hasEntry;
    }

    private sealed class ChargeRow
    {
        public long Posting { get; init; }
        public string Id { get; init; } = "";
        public long Account { get; init; }
        public long Cost { get; init; }
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
                _ids.Add(row.Id);
            }

            Move(row.Account, -(Int128)row.Cost);
            Move(-(long)PlatformAccount.Overrun, -(Int128)row.Overrun);
            Move(-(long)PlatformAccount.ProviderCost, row.Provider);
            Move(-(long)PlatformAccount.Fees, (Int128)row.Cost + row.Overrun - row.Provider);
        }

        public void TakeOff(long account, long amount) =>
            Move(LedgerAccountId.IsCustomer(account) ? account : account % 100, -(Int128)amount);

        public void Report(Findings findings)
        {
            foreach (var (account, difference) in _owed)
            {
                if (difference != 0)
                {
                    findings.Add($"posting {Posting}: account {account} differs by {difference} from its generations ({string.Join(", ", _ids)})");
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
