using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>M2: no generation and no posting is in the ledger twice, and the indexes that forbid it are in place.</summary>
internal sealed class UniquenessCheck : ILedgerCheck
{
    public string Name => "M2";

    public string Claim => "no generation is charged twice";

    public void Run(DbConnection connection, Findings findings)
    {
        // SQLite would otherwise take the index's word for it.
        var itself = connection.IsPostgreSql() ? "" : "NOT INDEXED";
        findings.Looked = connection.ExecuteScalar<long>("SELECT COUNT(*) FROM generations");
        foreach (var (id, count) in connection.Query<(string, long)>(
            $"SELECT id, COUNT(*) FROM generations {itself} GROUP BY id HAVING COUNT(*) > 1", buffered: false))
        {
            findings.Add($"{id} is recorded {count} times");
        }

        foreach (var (key, count) in connection.Query<(string, long)>(
            $"""
            SELECT idempotency_key, COUNT(*) FROM postings {itself} WHERE idempotency_key IS NOT NULL GROUP BY idempotency_key HAVING COUNT(*) > 1
            """,
            buffered: false))
        {
            findings.Add($"the posting \"{key}\" was made {count} times");
        }

        if (connection.IsPostgreSql())
        {
            CheckMonths(connection, findings);
        }

        foreach (var index in (string[])["generations_id", "postings_idempotency_key"])
        {
            if (!HasUniqueIndex(connection, index))
            {
                findings.Add($"the unique index {index} is missing");
            }
        }
    }

    /// <summary>The index is unique over month and id, so the month must follow from the id.</summary>
    private static void CheckMonths(DbConnection connection, Findings findings)
    {
        foreach (var (id, month) in connection.Query<(string, long)>("SELECT id, month FROM generations WHERE month <> generation_month(id)", buffered: false))
        {
            findings.Add($"{id} is kept under {month}, which is not its month");
        }
    }

    private static bool HasUniqueIndex(DbConnection connection, string name) => connection.ExecuteScalar<long>(
        connection.IsPostgreSql()
            ? "SELECT COUNT(*) FROM pg_index WHERE indexrelid = to_regclass(@name) AND indisunique AND indisvalid"
            : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND name = @name AND sql LIKE 'CREATE UNIQUE%'",
        new { name }) > 0;
}
