using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fairlead.Storage.Sqlite;

/// <summary>
/// A statement prepared once and run many times on the write connection, without an allocation per row: for the settlement path, where
/// <see cref="SqliteCommand"/> and its parameter objects cost more than the row itself. Not thread-safe: use it only while holding the write lease.
/// </summary>
public sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly string _what;
    // What each parameter holds (bindings outlive a reset): most columns of a row equal those of the row before and are not bound again.
    private readonly Bound[] _bound;
    private byte[] _text = new byte[1024];

    /// <summary>Prepares <paramref name="sql"/>; <paramref name="what"/> completes "… failed" in errors ("recording a generation").</summary>
    public SqliteStatement(SqliteConnection connection, string sql, string what)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        _what = what;
        var code = raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement);
        Check(code);
        _bound = new Bound[raw.sqlite3_bind_parameter_count(_statement) + 1];
    }

    /// <summary>Sets parameter <paramref name="index"/> (from 1).</summary>
    public void Bind(int index, long value)
    {
        ref var bound = ref _bound[index];
        if (bound.IsNumber && bound.Number == value)
            return;
        Check(raw.sqlite3_bind_int64(_statement, index, value));
        bound = new(IsNumber: true, value, null);
    }

    /// <summary>Sets parameter <paramref name="index"/> (from 1); null is NULL.</summary>
    public void Bind(int index, long? value)
    {
        if (value is { } number)
        {
            Bind(index, number);
        }
        else
        {
            BindNull(index);
        }
    }

    /// <summary>Sets parameter <paramref name="index"/> (from 1); null is NULL. Lone surrogates become U+FFFD.</summary>
    public void Bind(int index, string? value)
    {
        if (value is null)
        {
            BindNull(index);
            return;
        }

        ref var bound = ref _bound[index];
        if (bound.Text is { } last && string.Equals(last, value, StringComparison.Ordinal))
            return;
        if (value.Length == 0)
        {
            // An empty span has no address, which SQLite takes for NULL.
            Check(raw.sqlite3_bind_text(_statement, index, ""));
            bound = new(IsNumber: false, 0, value);
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (most > _text.Length)
        {
            _text = new byte[most * 2];
        }

        var length = Encoding.UTF8.GetBytes(value, _text);
        // The library copies the bytes (SQLITE_TRANSIENT), so the buffer may be used again at once.
        Check(raw.sqlite3_bind_text(_statement, index, _text.AsSpan(0, length)));
        bound = new(IsNumber: false, 0, value);
    }

    private void BindNull(int index)
    {
        ref var bound = ref _bound[index];
        if (!bound.IsNumber && bound.Text is null)
            return;
        Check(raw.sqlite3_bind_null(_statement, index));
        bound = default;
    }

    /// <summary>Runs a statement that returns no row, and makes it ready for the next.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Execute()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is raw.SQLITE_DONE)
        {
            _ = raw.sqlite3_reset(_statement);
            return raw.sqlite3_changes(_database);
        }

        // The error is read before the reset, which may overwrite it.
        var failure = Failure(code);
        _ = raw.sqlite3_reset(_statement);
        throw failure;
    }

    /// <summary>Runs a statement that returns one row of one number; null when there is no row.</summary>
    public long? Scalar()
    {
        var code = raw.sqlite3_step(_statement);
        long? value = null;
        if (code is raw.SQLITE_ROW)
        {
            value = raw.sqlite3_column_int64(_statement, 0);
        }
        else if (code is not raw.SQLITE_DONE)
        {
            var failure = Failure(code);
            _ = raw.sqlite3_reset(_statement);
            throw failure;
        }

        _ = raw.sqlite3_reset(_statement);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code is not raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    private StorageException Failure(int code) => SqliteFailures.Explain(code, raw.sqlite3_errmsg(_database).utf8_to_string(), _what);

    /// <summary>A parameter's value: a number, a text, or NULL (the default).</summary>
    private readonly record struct Bound(bool IsNumber, long Number, string? Text);
}
