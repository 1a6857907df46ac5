using System.Data.Common;
using Fairlead.Storage;
using Fairlead.Testing.PostgreSql;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Fairlead.Testing;

/// <summary>An empty database on either engine, and a folder beside it, for one test.</summary>
public sealed class TestDatabase : IDisposable
{
    private readonly string _address;

    /// <summary>Makes one.</summary>
    public TestDatabase(DatabaseEngine engine)
    {
        Engine = engine;
        Folder = Directory.CreateTempSubdirectory("fairlead-test-").FullName;
        _address = engine is DatabaseEngine.PostgreSql ? PostgreSqlCluster.Current.CreateDatabase() : $"Data Source={FilePath}";
    }

    /// <summary>Which engine.</summary>
    public DatabaseEngine Engine { get; }

    /// <summary>A folder of its own.</summary>
    public string Folder { get; }

    /// <summary>SQLite: the file.</summary>
    public string FilePath => Path.Combine(Folder, "fairlead.db");

    /// <summary>Where it is, as <c>--database</c> takes it.</summary>
    public string AddressText => _address;

    /// <summary>Where it is.</summary>
    public DatabaseAddress Address => DatabaseAddress.Parse(_address);

    /// <summary>A connection of another program, which knows nothing of ours.</summary>
    public DbConnection Connect()
    {
        SQLitePCL.Batteries_V2.Init();
        DbConnection connection = Engine is DatabaseEngine.PostgreSql
            ? new NpgsqlConnection(_address + ";Pooling=false")
            : new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>The folder is deleted; databases of the server go with it.</summary>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
