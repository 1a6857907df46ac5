using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>M5: nothing is left of requests that an earlier run was killed in, once a later run has started.</summary>
internal sealed class RecoveryCheck : ILedgerCheck
{
    public string Name => "M5";

    public string Claim => "no request of an earlier run is unresolved, and no settled one is still open";

    public void Run(DbConnection connection, Findings findings)
    {
        // A run ends when the node begins another; other nodes' runs say nothing about it.
        foreach (var (id, boot, newest, settled) in connection.Query<(string, long, long, long)>(
            $"""
            SELECT i.generation_id, i.boot_id, (SELECT COALESCE(MAX(b.id), 0) FROM ledger_boots b WHERE b.node_id = i.node_id),
                CASE WHEN EXISTS (SELECT 1 FROM generations g WHERE g.id = i.generation_id {ThatMonth(connection)}) THEN 1 ELSE 0 END
            FROM intents i
            """,
            buffered: false))
        {
            findings.Looked++;
            if (settled != 0)
            {
                findings.Add($"{id} is settled and still listed as in flight");
            }
            else if (boot != newest)
            {
                findings.Add($"{id} is left from run {boot}, and run {newest} did not resolve it");
            }
        }
    }

    private static string ThatMonth(DbConnection connection) => connection.IsPostgreSql() ? "AND g.month = generation_month(i.generation_id)" : "";
}
