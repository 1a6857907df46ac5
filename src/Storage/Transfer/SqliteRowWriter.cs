using Microsoft.Data.Sqlite;

namespace Fairlead.Storage.Transfer;

/// <summary>One prepared INSERT, run per row.</summary>
internal sealed class SqliteRowWriter : IRowWriter
{
    private readonly SqliteCommand _insert;

    public SqliteRowWriter(SqliteConnection connection, SqliteTransaction transaction, string table, IReadOnlyList<string> columns)
    {
        _insert = connection.CreateCommand();
        _insert.Transaction = transaction;
        _insert.CommandText =
            $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(static (_, i) => $"@{i}"))})";
        for (var i = 0; i < columns.Count; i++)
        {
            _insert.Parameters.Add(new SqliteParameter { ParameterName = $"@{i}" });
        }
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<object?> values, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < values.Count; i++)
        {
            _insert.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        _insert.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task FinishAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _insert.DisposeAsync();
}
