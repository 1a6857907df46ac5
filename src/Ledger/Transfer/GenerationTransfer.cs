using System.Data.Common;
using Dapper;
using Fairlead.Ledger.Generations;
using Fairlead.Storage;
using Fairlead.Storage.Transfer;

namespace Fairlead.Ledger.Transfer;

/// <summary>
/// Generations have a month and partitions on PostgreSQL, a number of their own on SQLite. PostgreSQL may hold the same prices twice, SQLite never does.
/// </summary>
internal sealed class GenerationTransfer() : TableTransfer("generations")
{
    private const string Month = "month";

    /// <inheritdoc/>
    public override TransferPlan Plan(DbConnection source, DbConnection target, DbTransaction transaction)
    {
        var computed = new Dictionary<string, Func<Func<string, object?>, object?>>();
        if (target.IsPostgreSql())
        {
            GenerationPartitions.Ensure(target, Months(source), transaction);
            computed[Month] = static row => GenerationMonth.Of((string)row("id")!);
        }

        var first = PriceTransfer.FirstOfSame(source);
        if (first.Count > 0)
        {
            computed["price_id"] = row => row("price_id") is long id ? first.GetValueOrDefault(id, id) : null;
        }

        return new() { Dropped = new HashSet<string> { target.IsPostgreSql() ? "seq" : Month }, Computed = computed };
    }

    /// <summary>Every month that a generation of the source belongs to.</summary>
    private static IEnumerable<long> Months(DbConnection source) =>
        source.IsPostgreSql()
            ? source.Query<long>("SELECT DISTINCT month FROM generations", commandTimeout: 0)
            // A day is in one month; the text of a day's first second stands for all of them.
            : source.Query<long>(
                    "SELECT DISTINCT CAST(substr(id, 5, 10) AS INTEGER) / 86400 FROM generations WHERE id GLOB 'gen-[1-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-*'",
                    commandTimeout: 0)
                .Select(static day => GenerationMonth.Of(DateTimeOffset.FromUnixTimeSeconds(day * 86_400))).Append(0).Distinct();
}
