using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.Verification;

/// <summary>
/// The files themselves. SQLite: pages, indexes, constraints. PostgreSQL: what its server knows of damage; it checks pages as it reads them, where the cluster
/// was made with checksums.
/// </summary>
internal sealed class FileCheck : ILedgerCheck
{
    public string Name => "file";

    public string Claim => "the database is undamaged";

    public void Run(DbConnection connection, Findings findings)
    {
        if (connection.IsPostgreSql())
        {
            RunOnPostgreSql(connection, findings);
            return;
        }

        foreach (var line in connection.Query<string>("PRAGMA integrity_check(20)"))
        {
            findings.Looked++;
            if (line is not "ok")
            {
                findings.Add(line);
            }
        }
    }

    private static void RunOnPostgreSql(DbConnection connection, Findings findings)
    {
        foreach (var (index, usable) in connection.Query<(string, bool)>(
            """
            SELECT c.relname, i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'generations'::regclass)
            """))
        {
            findings.Looked++;
            if (!usable)
            {
                findings.Add($"the index {index} is not usable; REINDEX it");
            }
        }

        var failures = connection.ExecuteScalar<long?>("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()");
        if (failures > 0)
        {
            findings.Add($"the server has met {failures} pages whose checksum is wrong");
        }
    }
}
