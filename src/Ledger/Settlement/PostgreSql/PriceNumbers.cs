using Fairlead.Storage.PostgreSql;
using Npgsql;

namespace Fairlead.Ledger.Settlement.PostgreSql;

/// <summary>The rows of prices that charges were computed from: each text is written once and its number remembered.</summary>
internal sealed class PriceNumbers
{
    /// <summary>More texts of prices than a catalog has endpoints: enough to ask the database once for each.</summary>
    private const int Kept = 4096;

    private readonly Dictionary<string, long> _known = [];

    /// <summary>The number of <paramref name="body"/>, which is committed by itself: it stays right whatever becomes of the batch.</summary>
    public long? Of(NpgsqlConnection connection, string? body, int? seconds)
    {
        if (body is null)
        {
            return null;
        }

        if (_known.TryGetValue(body, out var known))
        {
            return known;
        }

        if (_known.Count >= Kept)
        {
            _known.Clear();
        }

        using var command = new NpgsqlCommand(
            """
            WITH found AS (SELECT id FROM price_snapshots WHERE body = $1 ORDER BY id LIMIT 1),
                 made AS (INSERT INTO price_snapshots (body) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM found) RETURNING id)
            SELECT id FROM found UNION ALL SELECT id FROM made
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = ArrayRows.Storable(body) } },
        };
        command.CommandTimeout = seconds ?? command.CommandTimeout;
        return _known[body] = (long)command.ExecuteScalar()!;
    }
}
