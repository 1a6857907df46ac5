using System.Data.Common;
using Dapper;

namespace Fairlead.Storage.Transfer;

/// <summary>The last number that a table gave to a row: one that is gone must not be given again.</summary>
internal static class NumberSequences
{
    /// <summary>The last number of each table that counts, by the table's name; where the engine only knows the rows, the highest of them.</summary>
    public static Dictionary<string, long> Read(DbConnection source, IEnumerable<string> tables)
    {
        var last = new Dictionary<string, long>();
        if (!source.IsPostgreSql())
        {
            // SQLite makes this table of its own with the first one that counts.
            var any = source.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master WHERE name = 'sqlite_sequence'") > 0;
            foreach (var (table, number) in any ? source.Query<(string, long)>("SELECT name, seq FROM sqlite_sequence") : [])
            {
                last[table] = number;
            }

            return last;
        }

        foreach (var (table, sequence) in Sequences(source, tables))
        {
            last[table] = source.ExecuteScalar<long>($"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}");
        }

        return last;
    }

    /// <summary>Lets the tables of the target, which hold their rows by now, go on counting behind <paramref name="last"/>.</summary>
    public static void Write(DbConnection target, DbTransaction transaction, IReadOnlyList<string> tables, IReadOnlyDictionary<string, long> last)
    {
        if (!target.IsPostgreSql())
        {
            foreach (var (table, number) in last)
            {
                // Only tables that count by themselves have a row, since the first insert; none was made where there was no row to insert.
                target.Execute(
                    """
                    INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_master
                        WHERE type = 'table' AND name = @table AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence);
                    UPDATE sqlite_sequence SET seq = MAX(seq, @number) WHERE name = @table
                    """,
                    new { table, number }, transaction);
            }

            return;
        }

        foreach (var (table, sequence) in Sequences(target, tables))
        {
            var highest = Math.Max(target.ExecuteScalar<long>($"SELECT COALESCE(MAX(id), 0) FROM {table}", transaction: transaction), last.GetValueOrDefault(table));
            if (highest > 0)
            {
                target.Execute("SELECT setval(@sequence::regclass, @highest)", new { sequence, highest }, transaction);
            }
        }
    }

    private static List<(string Table, string Sequence)> Sequences(DbConnection connection, IEnumerable<string> tables) =>
    [
        .. connection.Query<(string, string)>(
            """
            SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name) FROM information_schema.columns
            WHERE table_schema = current_schema() AND is_identity = 'YES' AND column_name = 'id' AND table_name = ANY(@tables)
            """,
            new { tables = tables.ToArray() }),
    ];
}
