using System.Globalization;
using Dapper;
using Fairlead.Ledger.Holds;
using Fairlead.Storage;

namespace Fairlead.Ledger.RollUps;

/// <summary>What keys have spent, by the sums per key and day that every charge is added to in its own transaction. Never reads generations.</summary>
public sealed class KeyUsageStore(Database database, TimeProvider clock)
{
    /// <summary>What each of these keys has spent, by the windows of now, in one query; a key that spent nothing is not in the answer.</summary>
    public async Task<IReadOnlyDictionary<long, KeyUsage>> ReadAsync(IReadOnlyCollection<long> keyIds, CancellationToken cancellationToken = default)
    {
        if (keyIds.Count == 0)
        {
            return new Dictionary<long, KeyUsage>();
        }

        var today = (int)(clock.GetUtcNow().ToUnixTimeMilliseconds() / 86_400_000);
        // Days after today are there when the clock went back: they count in every window, as they do against limits.
        var sql = $"""
            SELECT key_id AS KeyId, {Sums("usage", "")}, {Sums("byok_usage", "Byok")}
            FROM key_usage_daily WHERE key_id IN ({string.Join(',', keyIds.Select(static id => id.ToString(CultureInfo.InvariantCulture)))}) GROUP BY key_id
            """;
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(new CommandDefinition(
                sql, new { today, monday = KeySpend.Monday(today), first = FirstOfMonth(today) },
                // The text differs with every set of keys.
                flags: CommandFlags.Buffered | CommandFlags.NoCache, cancellationToken: cancellationToken)),
            "reading usage of keys");
        return rows.ToDictionary(static row => row.KeyId, static row => row.ToUsage());
    }

    // A sum of one key fits 64 bits because the account's does; the casts keep an engine from answering with a wider type.
    private static string Sums(string column, string prefix) =>
        $"""
        CAST(SUM({column}) AS BIGINT) AS {prefix}Total,
            CAST(SUM(CASE WHEN day >= @today THEN {column} ELSE 0 END) AS BIGINT) AS {prefix}Daily,
            CAST(SUM(CASE WHEN day >= @monday THEN {column} ELSE 0 END) AS BIGINT) AS {prefix}Weekly,
            CAST(SUM(CASE WHEN day >= @first THEN {column} ELSE 0 END) AS BIGINT) AS {prefix}Monthly
        """;

    private static int FirstOfMonth(int day) => day - DateTimeOffset.UnixEpoch.AddDays(day).Day + 1;

    /// <summary>A row as the database gives it.</summary>
    private sealed class Row
    {
        public long KeyId { get; init; }
        public long Total { get; init; }
        public long Daily { get; init; }
        public long Weekly { get; init; }
        public long Monthly { get; init; }
        public long ByokTotal { get; init; }
        public long ByokDaily { get; init; }
        public long ByokWeekly { get; init; }
        public long ByokMonthly { get; init; }

        public KeyUsage ToUsage() => new(
            new(Total), new(Daily), new(Weekly), new(Monthly), new(ByokTotal), new(ByokDaily), new(ByokWeekly), new(ByokMonthly));
    }
}
