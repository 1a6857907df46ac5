using System.Data.Common;
using Dapper;

namespace Fairlead.Ledger.Verification;

/// <summary>The file itself: pages, indexes, constraints.</summary>
internal sealed class FileCheck : ILedgerCheck
{
    public string Name => "file";

    public string Claim => "the database file is undamaged";

    public void Run(DbConnection connection, Findings findings)
    {
        foreach (var line in connection.Query<string>("PRAGMA integrity_check(20)"))
        {
            findings.Looked++;
            if (line is not "ok")
            {
                findings.Add(line);
            }
        }
    }
}
