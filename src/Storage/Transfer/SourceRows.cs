using System.Data.Common;

namespace Fairlead.Storage.Transfer;

/// <summary>The rows of one table of the source, one after the other.</summary>
internal sealed class SourceRows : IDisposable
{
    private readonly SourceTables _source;
    private readonly DbCommand _command;
    private readonly DbDataReader _reader;
    private readonly Dictionary<string, (int Ordinal, bool IsText)> _columns;

    public SourceRows(SourceTables source, DbCommand command, TableLayout table)
    {
        _source = source;
        _command = command;
        _reader = source.Run(_ => command.ExecuteReader());
        _columns = table.Columns.Select(static (column, i) => (column.Key, (i, column.Value))).ToDictionary(static pair => pair.Key, static pair => pair.Item2);
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Next() => _source.Run(_ => _reader.Read());

    /// <summary>A column of the current row: null, a number or a text.</summary>
    public object? Value(string column)
    {
        var (ordinal, isText) = _columns[column];
        return _reader.IsDBNull(ordinal) ? null : isText ? _reader.GetString(ordinal) : _reader.GetInt64(ordinal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _command.Dispose();
    }
}
