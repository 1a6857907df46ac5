using System.Data.Common;
using Dapper;

namespace Fairlead.Ledger.Verification;

/// <summary>M2: no generation and no posting is in the ledger twice, and the indexes that forbid it are in place.</summary>
internal sealed class UniquenessCheck : ILedgerCheck
{
    public string Name => "M2";

    public string Claim => "no generation is charged twice";

    public void Run(DbConnection connection, Findings findings)
    {
        findings.Looked = connection.ExecuteScalar<long>("SELECT COUNT(*) FROM generations");
        foreach (var (id, count) in connection.Query<(string, long)>(
            "SELECT id, COUNT(*) FROM generations NOT INDEXED GROUP BY id HAVING COUNT(*) > 1", buffered: false))
        {
            findings.Add($"{id} is recorded {count} times");
        }

        foreach (var (key, count) in connection.Query<(string, long)>(
            """
            SELECT idempotency_key, COUNT(*) FROM postings NOT INDEXED WHERE idempotency_key IS NOT NULL GROUP BY idempotency_key HAVING COUNT(*) > 1
            """,
            buffered: false))
        {
            findings.Add($"the posting \"{key}\" was made {count} times");
        }

        foreach (var index in (string[])["generations_id", "postings_idempotency_key"])
        {
            if (connection.ExecuteScalar<long>(
                "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = @index AND sql LIKE 'CREATE UNIQUE%'", new { index }) == 0)
            {
                findings.Add($"the unique index {index} is missing");
            }
        }
    }
}
