using System.Globalization;
using Fairlead.Storage;
using Npgsql;

namespace Fairlead.Micro.Settlement;

/// <summary>
/// An empty database that is gone afterwards: a file in a temporary folder, or one made on the server of an address (whose user may make databases; the
/// one that the address names is only connected to).
/// </summary>
public sealed class ThrowawayDatabase : IDisposable
{
    private static int _made;

    private readonly Action _drop;

    private ThrowawayDatabase(DatabaseAddress address, Action drop)
    {
        Address = address;
        _drop = drop;
    }

    public DatabaseAddress Address { get; }

    /// <param name="server">The PostgreSQL to make it on; null makes an SQLite file.</param>
    public static ThrowawayDatabase Make(DatabaseAddress? server)
    {
        if (server is null)
        {
            var folder = Directory.CreateTempSubdirectory("fairlead-bench-").FullName;
            return new(DatabaseAddress.SqliteFile(Path.Combine(folder, "fairlead.db")), () => Directory.Delete(folder, recursive: true));
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"fairlead_bench_{Environment.ProcessId}_{Interlocked.Increment(ref _made)}");
        Execute(server, $"CREATE DATABASE {name}");
        var own = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name };
        return new(DatabaseAddress.Parse(own.ConnectionString), () => Execute(server, $"DROP DATABASE {name} WITH (FORCE)"));
    }

    public void Dispose() => _drop();

    private static void Execute(DatabaseAddress server, string sql)
    {
        using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
