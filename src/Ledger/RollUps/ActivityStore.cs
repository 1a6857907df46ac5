using System.Data.Common;
using Dapper;
using Fairlead.Storage;

namespace Fairlead.Ledger.RollUps;

/// <summary>What an account's requests came to, by the sums per hour that every settlement is added to in its own transaction. Never reads generations.</summary>
public sealed class ActivityStore(Database database)
{
    /// <summary>From which days are counted in the database.</summary>
    public static readonly DateOnly UnixEpoch = new(1970, 1, 1);

    /// <summary>Sums per UTC day and endpoint, newest day first. Requests that no endpoint answered are in none of them.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    /// <param name="keyId">Only requests of this key; null is all.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<IReadOnlyList<ActivityDay>> ReadAsync(
        long accountId, DateOnly from, DateOnly to, long? keyId, CancellationToken cancellationToken = default)
    {
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(new CommandDefinition(
                $"""
                SELECT hour / 24 AS Day, model, model_permaslug AS ModelPermaslug, endpoint_id AS EndpointId, provider_name AS ProviderName,
                    CAST(SUM(requests) AS BIGINT) AS Requests, CAST(SUM(prompt_tokens) AS BIGINT) AS PromptTokens,
                    CAST(SUM(completion_tokens) AS BIGINT) AS CompletionTokens, CAST(SUM(reasoning_tokens) AS BIGINT) AS ReasoningTokens,
                    CAST(SUM(usage) AS BIGINT) AS Usage, CAST(SUM(byok_usage) AS BIGINT) AS ByokUsage
                FROM activity_hourly
                WHERE account_id = @accountId AND hour >= @fromHour AND hour < @toHour AND endpoint_id <> '' {(keyId is null ? "" : "AND key_id = @keyId")}
                GROUP BY hour / 24, model, model_permaslug, endpoint_id, provider_name
                ORDER BY Day DESC, model, provider_name, endpoint_id
                """,
                new { accountId, fromHour = FirstHour(from), toHour = FirstHour(to.AddDays(1)), keyId }, cancellationToken: cancellationToken)),
            "reading activity");
        return [.. rows.Select(static row => row.ToDay())];
    }

    /// <summary>
    /// How many requests for free models (<c>:free</c>) an account has settled on a UTC day so far, those that no endpoint answered included. What was settled
    /// on the day after counts too: the clock went back.
    /// </summary>
    public Task<long> FreeRequestsAsync(long accountId, DateOnly day, CancellationToken cancellationToken = default) => database.ReadAsync(
        connection => FreeRequestsAsync(connection, null, accountId, day, cancellationToken), "reading today's requests for free models");

    /// <summary>The same, in the caller's transaction.</summary>
    public static Task<long> FreeRequestsAsync(
        DbConnection connection, DbTransaction? transaction, long accountId, DateOnly day, CancellationToken cancellationToken = default) =>
        connection.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            SELECT COALESCE(CAST(SUM(requests) AS BIGINT), 0) FROM activity_hourly
            WHERE account_id = @accountId AND hour >= @fromHour AND hour < @toHour AND model LIKE '%:free'
            """,
            new { accountId, fromHour = FirstHour(day), toHour = FirstHour(day.AddDays(2)) }, transaction, cancellationToken: cancellationToken));

    private static long FirstHour(DateOnly day) => (day.DayNumber - UnixEpoch.DayNumber) * 24L;

    /// <summary>A row as the database gives it.</summary>
    private sealed class Row
    {
        public long Day { get; init; }
        public string Model { get; init; } = "";
        public string ModelPermaslug { get; init; } = "";
        public string EndpointId { get; init; } = "";
        public string ProviderName { get; init; } = "";
        public long Requests { get; init; }
        public long PromptTokens { get; init; }
        public long CompletionTokens { get; init; }
        public long ReasoningTokens { get; init; }
        public long Usage { get; init; }
        public long ByokUsage { get; init; }

        public ActivityDay ToDay() => new()
        {
            Date = UnixEpoch.AddDays((int)Day), Model = Model, ModelPermaslug = ModelPermaslug, EndpointId = EndpointId, ProviderName = ProviderName,
            Requests = Requests, PromptTokens = PromptTokens, CompletionTokens = CompletionTokens, ReasoningTokens = ReasoningTokens, Usage = new(Usage),
            ByokUsage = new(ByokUsage),
        };
    }
}

/// <summary>What one endpoint did for one account on one UTC day.</summary>
public sealed record ActivityDay
{
    /// <summary>The UTC day on which the requests were settled.</summary>
    public required DateOnly Date { get; init; }
    /// <summary>The public slug that served.</summary>
    public required string Model { get; init; }
    /// <summary>The permanent slug that served.</summary>
    public required string ModelPermaslug { get; init; }
    /// <summary>The endpoint's stable id.</summary>
    public required string EndpointId { get; init; }
    /// <summary>The provider's display name.</summary>
    public required string ProviderName { get; init; }
    /// <summary>Requests settled.</summary>
    public required long Requests { get; init; }
    /// <summary>As the provider counts, like the two that follow.</summary>
    public required long PromptTokens { get; init; }
    /// <summary>Reasoning included.</summary>
    public required long CompletionTokens { get; init; }
    /// <summary>The reasoning part of the completion tokens.</summary>
    public required long ReasoningTokens { get; init; }
    /// <summary>What was charged.</summary>
    public required Credits Usage { get; init; }
    /// <summary>What the account's own provider keys paid.</summary>
    public required Credits ByokUsage { get; init; }
}
