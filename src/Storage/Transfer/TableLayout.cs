using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Fairlead.Storage.Migrations;

namespace Fairlead.Storage.Transfer;

/// <summary>A table of ours as one database has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns in order; true are texts, false numbers.</param>
/// <param name="Forgettable">PostgreSQL: UNLOGGED, so that losing it is part of its design.</param>
internal sealed partial record TableLayout(string Name, IReadOnlyDictionary<string, bool> Columns, bool Forgettable)
{
    /// <summary>Every table that <paramref name="sets"/> made, in the order they did; other programs' tables in the same database are not ours to touch.</summary>
    public static IReadOnlyList<TableLayout> Read(DbConnection connection, IEnumerable<MigrationSet> sets)
    {
        var names = sets.OrderBy(static set => set.Order).ThenBy(static set => set.Room).SelectMany(static set => set.Steps)
            .SelectMany(step => CreateTable().Matches(step.For(connection.Engine())))
            .Where(static match => !match.Groups["partition"].Success)
            .Select(static match => match.Groups["name"].Value)
            .Distinct();
        return [.. names.Select(name => Find(connection, name)).OfType<TableLayout>()];
    }

    /// <summary>How many rows it holds.</summary>
    public long Count(DbConnection connection, string? where = null) =>
        connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM {Name}{(where is null ? "" : $" WHERE {where}")}", commandTimeout: 0);

    /// <summary>Whether it holds no row that fulfils a condition.</summary>
    public bool IsEmpty(DbConnection connection, string? where = null) =>
        connection.ExecuteScalar<long>($"SELECT COUNT(*) FROM (SELECT 1 FROM {Name}{(where is null ? "" : $" WHERE {where}")} LIMIT 1) AS present", commandTimeout: 0) == 0;

    private static TableLayout? Find(DbConnection connection, string name)
    {
        var columns = connection.Query<(string Name, string Type)>(
            connection.IsPostgreSql()
                ? """
                  SELECT column_name, data_type FROM information_schema.columns
                  WHERE table_schema = current_schema() AND table_name = @name ORDER BY ordinal_position
                  """
                : "SELECT name, lower(type) FROM pragma_table_info(@name) ORDER BY cid",
            new { name }).ToDictionary(static column => column.Name, column => IsText(name, column));
        var forgettable = connection.IsPostgreSql()
            && connection.ExecuteScalar<bool>("SELECT relpersistence = 'u' FROM pg_class WHERE oid = to_regclass(@name)", new { name });
        return columns.Count == 0 ? null : new(name, columns, forgettable);
    }

    /// <summary>Kinds of PostgreSQL that only its own tables have count as texts: those tables are not moved.</summary>
    private static bool IsText(string table, (string Name, string Type) column) => column.Type switch
    {
        "bigint" or "integer" => false,
        "blob" or "bytea" or "real" or "double precision" => throw new NotSupportedException($"{table}.{column.Name} is a {column.Type}, which a move cannot carry yet."),
        _ => true,
    };

    [GeneratedRegex(
        @"^\s*CREATE\s+(UNLOGGED\s+)?TABLE\s+(IF\s+NOT\s+EXISTS\s+)?(?<name>[a-z_0-9]+)(?<partition>\s+PARTITION\s+OF)?",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CreateTable();
}
