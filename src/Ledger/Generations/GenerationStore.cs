using System.Data.Common;
using Fairlead.Storage;

namespace Fairlead.Ledger.Generations;

/// <summary>Reads generations. A generation can be read as soon as its settlement has completed.</summary>
public sealed class GenerationStore(Database database)
{
    private const string ById =
        """
        SELECT g.*, p.body AS price_body FROM generations g LEFT JOIN price_snapshots p ON p.id = g.price_id
        WHERE g.id = @id AND g.account_id = @account
        """;

    // Says which partition to look in.
    private const string ByIdOnPostgreSql = ById + " AND g.month = @month";

    /// <summary>The generation <paramref name="id"/> of an account; null when it does not exist or belongs to another.</summary>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public Task<Generation?> FindAsync(long accountId, string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            async connection =>
            {
                await using var command = connection.CreateCommand();
                command.CommandText = database.Engine is DatabaseEngine.PostgreSql ? ByIdOnPostgreSql : ById;
                Add(command, "@id", id);
                Add(command, "@account", accountId);
                Add(command, "@month", GenerationMonth.Of(id));
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                return await reader.ReadAsync(cancellationToken) ? new GenerationRow(reader).Read() : null;
            },
            "reading a generation");

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
