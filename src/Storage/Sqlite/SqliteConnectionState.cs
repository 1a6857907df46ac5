using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fairlead.Storage.Sqlite;

/// <summary>Facts about a connection that ADO.NET does not tell.</summary>
public static class SqliteConnectionState
{
    /// <summary>
    /// Whether a transaction is open. SQLite ends one by itself on some full-disk and I/O errors, and a ROLLBACK after that is an error of its own.
    /// </summary>
    public static bool IsInTransaction(this SqliteConnection connection) => raw.sqlite3_get_autocommit(connection.Handle) == 0;
}
