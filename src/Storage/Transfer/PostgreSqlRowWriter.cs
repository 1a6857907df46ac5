using Fairlead.Storage.PostgreSql;
using Npgsql;
using NpgsqlTypes;

namespace Fairlead.Storage.Transfer;

/// <summary>One binary COPY. A text that PostgreSQL cannot store is stored as everywhere here: NUL and lone surrogates become U+FFFD.</summary>
internal sealed class PostgreSqlRowWriter : IRowWriter
{
    private readonly NpgsqlBinaryImporter _copy;

    private PostgreSqlRowWriter(NpgsqlBinaryImporter copy) => _copy = copy;

    public static async Task<PostgreSqlRowWriter> BeginAsync(
        NpgsqlConnection connection, string table, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginBinaryImportAsync($"COPY {table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        // Other tables' indexes and triggers have their time: only silence of the server is an error.
        copy.Timeout = TimeSpan.FromMinutes(10);
        return new(copy);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyList<object?> values, CancellationToken cancellationToken)
    {
        await _copy.StartRowAsync(cancellationToken);
        foreach (var value in values)
        {
            await (value switch
            {
                null => _copy.WriteNullAsync(cancellationToken),
                long number => _copy.WriteAsync(number, NpgsqlDbType.Bigint, cancellationToken),
                string text => _copy.WriteAsync(ArrayRows.Storable(text), NpgsqlDbType.Text, cancellationToken),
                _ => throw new NotSupportedException($"A {value.GetType().Name} cannot be moved."),
            });
        }
    }

    /// <inheritdoc/>
    public async Task FinishAsync(CancellationToken cancellationToken) => await _copy.CompleteAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _copy.DisposeAsync();
}
