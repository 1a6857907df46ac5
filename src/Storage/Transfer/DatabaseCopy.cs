using System.Data.Common;
using Dapper;
using Fairlead.Storage.Migrations;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Fairlead.Storage.Transfer;

/// <summary>How many rows of a table are in the target by now.</summary>
/// <param name="Table">Which table.</param>
/// <param name="Copied">How many of its rows were copied.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Done">Nothing of it is left.</param>
public readonly record struct TableProgress(string Table, long Copied, long Total, bool Done);

/// <summary>
/// Copies everything one installation keeps into another database, which is empty and stays so unless everything arrived: the source is read as of one commit,
/// the target written in one transaction.
/// </summary>
public sealed class DatabaseCopy(IEnumerable<MigrationSet> migrations, IEnumerable<TableTransfer> rules)
{
    private const int RowsBetweenWords = 10_000;

    private readonly MigrationSet[] _migrations = [.. migrations];
    private readonly Dictionary<string, TableTransfer> _rules = rules.ToDictionary(static rule => rule.Table);

    /// <summary>A table of ours in which <paramref name="database"/> already has rows; null when there is none.</summary>
    public string? FindFilledTable(Database database)
    {
        using var lease = database.Read();
        return Filled(lease.Connection);
    }

    /// <summary>How many rows each table of ours has, by its name.</summary>
    public IReadOnlyDictionary<string, long> Count(Database database)
    {
        using var lease = database.ReadSnapshot();
        return TableLayout.Read(lease.Connection, _migrations).ToDictionary(static table => table.Name, table => table.Count(lease.Connection));
    }

    /// <summary>
    /// Copies all rows of all tables. Both databases are open, so at this program's version. Throws <see cref="StorageException"/> when either refuses, and
    /// <see cref="TransferRefusedException"/> when the target is not empty, the source keeps what cannot be moved, or somebody changed the source meanwhile;
    /// the target is then as it was.
    /// </summary>
    /// <param name="source">Where from.</param>
    /// <param name="target">Where to.</param>
    /// <param name="progress">Told after every ten thousand rows and at the end of each table.</param>
    /// <param name="cancellationToken">Gives up; the target is then as it was.</param>
    /// <returns>How many rows each table had, in the order they were copied.</returns>
    public async Task<IReadOnlyList<TableProgress>> CopyAsync(
        Database source, Database target, Action<TableProgress> progress, CancellationToken cancellationToken)
    {
        // What is written from here on is noticed at the end.
        await source.ChangedByOthersAsync(cancellationToken);
        using var snapshot = source.ReadSnapshot();
        var from = new SourceTables(source, snapshot.Connection);
        var tables = from.Run(connection => TableLayout.Read(connection, _migrations));
        return await target.WriteAsync(
            async (connection, transaction) =>
            {
                if (connection.IsPostgreSql())
                {
                    // Counting and reading the source may take longer than a session may usually wait.
                    connection.Execute("SET LOCAL idle_in_transaction_session_timeout = 0", transaction: transaction);
                }

                if (Filled(connection) is { } filled)
                {
                    throw TransferRefusedException.NotEmpty(target.Address.Location, filled);
                }

                var copied = await CopyAllAsync(from, tables, connection, transaction, progress, cancellationToken);
                return await source.ChangedByOthersAsync(cancellationToken)
                    ? throw new TransferRefusedException(
                        $"The database at {source.Address.Location} was changed while it was copied: by a gateway that was started, or a command. The target is empty again; stop the other and repeat.")
                    : copied;
            },
            $"copying into the database at {target.Address.Location}", cancellationToken: cancellationToken);
    }

    private async Task<IReadOnlyList<TableProgress>> CopyAllAsync(
        SourceTables from, IReadOnlyList<TableLayout> tables, DbConnection target, DbTransaction transaction, Action<TableProgress> progress,
        CancellationToken cancellationToken)
    {
        var targets = TableLayout.Read(target, _migrations).ToDictionary(static table => table.Name);
        var copied = new List<TableProgress>();
        foreach (var table in tables)
        {
            var plan = from.Run(source => _rules.GetValueOrDefault(table.Name)?.Plan(source, target, transaction) ?? TransferPlan.AsIs);
            if (!plan.Moves)
            {
                continue;
            }

            if (targets.TryGetValue(table.Name, out var into) && !plan.Blocks)
            {
                copied.Add(await CopyTableAsync(from, table, into, plan, target, transaction, progress, cancellationToken));
            }
            else if (!table.Forgettable && !from.Run(source => table.IsEmpty(source, plan.Where)))
            {
                throw new TransferRefusedException(
                    $"The table {table.Name} of the source holds what nodes have reserved, which a move cannot carry. Start each node once and stop it with SIGTERM, or give it up with \"fairlead ledger release-node\", and repeat.");
            }
        }

        var names = copied.Select(static table => table.Table).ToList();
        NumberSequences.Write(target, transaction, names, from.Run(source => NumberSequences.Read(source, names)));
        return copied;
    }

    private static async Task<TableProgress> CopyTableAsync(
        SourceTables from, TableLayout table, TableLayout into, TransferPlan plan, DbConnection target, DbTransaction transaction,
        Action<TableProgress> progress, CancellationToken cancellationToken)
    {
        var lost = table.Columns.Keys.Except(into.Columns.Keys).Except(plan.Dropped).ToList();
        if (lost.Count > 0)
        {
            throw new InvalidOperationException($"The column {table.Name}.{lost[0]} has no place in the target, and no rule says that it is not needed.");
        }

        var columns = into.Columns.Keys.Where(column => !plan.Dropped.Contains(column) && (table.Columns.ContainsKey(column) || plan.Computed.ContainsKey(column))).ToList();
        var total = from.Run(source => table.Count(source, plan.Where));
        progress(new(table.Name, 0, total, Done: false));
        await using var writer = target switch
        {
            NpgsqlConnection server => (IRowWriter)await PostgreSqlRowWriter.BeginAsync(server, table.Name, columns, cancellationToken),
            _ => new SqliteRowWriter((SqliteConnection)target, (SqliteTransaction)transaction, table.Name, columns),
        };
        using var rows = from.Open(table, plan.Where);
        var values = new object?[columns.Count];
        var makers = columns.Select(column => plan.Computed.TryGetValue(column, out var make) ? () => make(rows.Value) : (Func<object?>)(() => rows.Value(column))).ToArray();
        var copied = 0L;
        while (rows.Next())
        {
            for (var i = 0; i < makers.Length; i++)
            {
                values[i] = makers[i]();
            }

            await writer.WriteAsync(values, cancellationToken);
            if (++copied % RowsBetweenWords == 0)
            {
                progress(new(table.Name, copied, total, Done: false));
            }
        }

        await writer.FinishAsync(cancellationToken);
        var done = new TableProgress(table.Name, copied, copied, Done: true);
        progress(done);
        return done;
    }

    private string? Filled(DbConnection connection) =>
        TableLayout.Read(connection, _migrations).FirstOrDefault(table => !table.Forgettable && Counts(table, connection) && !table.IsEmpty(connection))?.Name;

    /// <summary>Rows about nodes that ran are no reason to call a database filled.</summary>
    private bool Counts(TableLayout table, DbConnection connection) => _rules.GetValueOrDefault(table.Name) is not NodeTransfer;
}
