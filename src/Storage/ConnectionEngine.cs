using System.Data.Common;
using Npgsql;

namespace Fairlead.Storage;

/// <summary>Tells which engine a connection belongs to, where SQL for both stands side by side.</summary>
public static class ConnectionEngine
{
    /// <summary>The engine of <paramref name="connection"/>.</summary>
    public static DatabaseEngine Engine(this DbConnection connection) =>
        connection is NpgsqlConnection ? DatabaseEngine.PostgreSql : DatabaseEngine.Sqlite;

    /// <summary>Whether it is a connection to PostgreSQL.</summary>
    public static bool IsPostgreSql(this DbConnection connection) => connection is NpgsqlConnection;
}
