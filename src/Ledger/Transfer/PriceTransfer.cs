using System.Data.Common;
using Dapper;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;

namespace Fairlead.Ledger.Transfer;

/// <summary>Two nodes that meet new prices at once may both write them on PostgreSQL; the first of the same stands for all.</summary>
internal sealed class PriceTransfer() : TableTransfer("price_snapshots")
{
    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction) =>
        new() { Where = "id IN (SELECT MIN(id) FROM price_snapshots GROUP BY body)" };

    /// <summary>For each row that is not moved the one that is.</summary>
    public static Dictionary<long, long> FirstOfSame(DbConnection source) =>
        !source.IsPostgreSql()
            ? []
            : source.Query<(long Id, long First)>(
                """
                SELECT id, first FROM (SELECT id, MIN(id) OVER (PARTITION BY body) AS first FROM price_snapshots) AS prices WHERE id <> first
                """).ToDictionary(static pair => pair.Id, static pair => pair.First);
}
