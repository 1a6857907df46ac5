using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Transfer;

/// <summary>Reads the source of a move. Its failures are told as the source's, whatever engine the target is.</summary>
internal sealed class SourceTables(Database database, DbConnection connection)
{
    /// <summary>Reads something.</summary>
    public T Run<T>(Func<DbConnection, T> read)
    {
        try
        {
            return read(connection);
        }
        catch (SqliteException failure) when (database.Engine is DatabaseEngine.Sqlite)
        {
            throw database.Explain(failure, What);
        }
        catch (Npgsql.NpgsqlException failure) when (database.Engine is DatabaseEngine.PostgreSql)
        {
            throw database.Explain(failure, What);
        }
    }

    /// <summary>All rows of a table that fulfil a condition.</summary>
    public SourceRows Open(TableLayout table, string? where) => new(this, Run(source =>
    {
        var command = source.CreateCommand();
        command.CommandText = $"SELECT {string.Join(", ", table.Columns.Keys)} FROM {table.Name}{(where is null ? "" : $" WHERE {where}")}";
        command.CommandTimeout = 0;
        return command;
    }), table);

    private string What => $"reading the database at {database.Address.Location}";
}
