using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Npgsql;
using NpgsqlTypes;

namespace Fairlead.Storage.PostgreSql;

/// <summary>
/// Rows sent as one array per column, for <c>… SELECT … FROM unnest($1, $2, …)</c>: one statement and one round trip for any number of rows. Columns are
/// declared once, in the order of the parameters, and refilled for every batch. Not thread-safe.
/// </summary>
public sealed class ArrayRows
{
    private static readonly SearchValues<char> Unstorable = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(static c => (char)c), '\0']);

    private readonly List<Column> _columns = [];

    /// <summary>How many rows there are, by the first column.</summary>
    public int Count => _columns[0].Count;

    /// <summary>Declares a column of numbers (BIGINT).</summary>
    public NumberColumn Number() => Declare(new NumberColumn());

    /// <summary>Declares a column of texts (TEXT).</summary>
    public TextColumn Text() => Declare(new TextColumn());

    /// <summary>What stands after FROM: the rows under <paramref name="alias"/>, their columns named c1, c2, ….</summary>
    public string Source(string alias)
    {
        var arrays = string.Join(", ", _columns.Select(static (column, i) => $"${i + 1}::{column.Type}[]"));
        return $"unnest({arrays}) AS {alias}({string.Join(", ", _columns.Select(static (_, i) => $"c{i + 1}"))})";
    }

    /// <summary>Makes the columns the parameters of a command, for good.</summary>
    public void BindTo(NpgsqlParameterCollection parameters)
    {
        foreach (var column in _columns)
        {
            parameters.Add(column.Parameter());
        }
    }

    /// <summary>Removes every row.</summary>
    public void Clear()
    {
        foreach (var column in _columns)
        {
            column.Clear();
        }
    }

    /// <summary>A text as PostgreSQL can store it: NUL and lone surrogates become U+FFFD.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static string? Storable(string? value) =>
        value is null || !value.AsSpan().ContainsAny(Unstorable) ? value : string.Create(value.Length, value, static (into, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                var paired = (char.IsHighSurrogate(from[i]) && i + 1 < from.Length && char.IsLowSurrogate(from[i + 1]))
                    || (char.IsLowSurrogate(from[i]) && i > 0 && char.IsHighSurrogate(from[i - 1]));
                into[i] = from[i] is '\0' || (char.IsSurrogate(from[i]) && !paired) ? '\uFFFD' : from[i];
            }
        });

    private T Declare<T>(T column) where T : Column
    {
        _columns.Add(column);
        return column;
    }

    /// <summary>One column.</summary>
    public abstract class Column
    {
        internal abstract int Count { get; }

        internal abstract string Type { get; }

        internal abstract void Clear();

        internal abstract NpgsqlParameter Parameter();
    }

    /// <summary>A column of numbers.</summary>
    public sealed class NumberColumn : Column
    {
        private readonly List<long?> _values = [];

        internal override int Count => _values.Count;

        internal override string Type => "bigint";

        /// <summary>Adds a row's value; null is NULL.</summary>
        public void Add(long? value) => _values.Add(value);

        internal override void Clear() => _values.Clear();

        internal override NpgsqlParameter Parameter() =>
            new NpgsqlParameter<List<long?>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
    }

    /// <summary>A column of texts.</summary>
    public sealed class TextColumn : Column
    {
        private readonly List<string?> _values = [];

        internal override int Count => _values.Count;

        internal override string Type => "text";

        /// <summary>Adds a row's value; null is NULL. NUL, which PostgreSQL cannot store, and lone surrogates become U+FFFD.</summary>
        public void Add(string? value) => _values.Add(Storable(value));

        internal override void Clear() => _values.Clear();

        internal override NpgsqlParameter Parameter() =>
            new NpgsqlParameter<List<string?>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    }
}
