using System.Data.Common;
using Dapper;

namespace Fairlead.Ledger.Verification;

/// <summary>M5: nothing is left of requests that an earlier run was killed in, once a later run has started.</summary>
internal sealed class RecoveryCheck : ILedgerCheck
{
    public string Name => "M5";

    public string Claim => "no request of an earlier run is unresolved, and no settled one is still open";

    public void Run(DbConnection connection, Findings findings)
    {
        foreach (var (id, boot, newest, settled) in connection.Query<(string, long, long, long)>(
            """
            SELECT i.generation_id, i.boot_id, (SELECT COALESCE(MAX(id), 0) FROM ledger_boots),
                EXISTS (SELECT 1 FROM generations g WHERE g.id = i.generation_id)
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
}
