using Fairlead.Catalog.Health;

namespace Fairlead.Server.Operations;

/// <summary><c>GET /healthz</c>: the process lives. <c>GET /readyz</c>: it can answer requests, else 503 and the reasons.</summary>
internal static class HealthEndpoints
{
    // An orchestrator asks every few seconds and waits about as long: a check that takes longer is a reason by itself.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Maps both.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Json(new HealthAnswer("ok", null), OperationsJson.Default.HealthAnswer))
            .WithTags("Operations").WithSummary("The process lives").Produces<HealthAnswer>();
        endpoints.MapGet("/readyz", ReadyAsync)
            .WithTags("Operations").WithSummary("The database is reachable and the catalog is loaded")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(IEnumerable<Readiness> checks, HealthBook endpoints, HttpContext http)
    {
        var reasons = new List<string>();
        foreach (var check in checks)
        {
            if (await ReasonAsync(check, http.RequestAborted) is { } reason)
                reasons.Add($"{check.Name}: {reason}");
        }

        var broken = Broken(endpoints);
        return reasons.Count == 0
            ? Results.Json(new HealthAnswer("ready", null, broken), OperationsJson.Default.HealthAnswer)
            : Results.Json(new HealthAnswer("not ready", reasons, broken), OperationsJson.Default.HealthAnswer, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Endpoints that only the operator can mend.</summary>
    private static List<string>? Broken(HealthBook endpoints)
    {
        const int Most = 100;
        List<string> sentences =
        [
            .. from one in endpoints.Monitors
               where one.BrokenBy != EndpointFault.None
               orderby one.Endpoint.Provider.Slug, one.Endpoint.ModelId
               select one.BrokenBy == EndpointFault.UnknownModel
                   ? $"{one.Endpoint.Provider.Slug} does not know the model of {one.Endpoint.ModelId}"
                   : $"{one.Endpoint.Provider.Slug} refuses our key or account for {one.Endpoint.ModelId}",
        ];
        return sentences.Count == 0 ? null : sentences[..Math.Min(sentences.Count, Most)];
    }

    private static async Task<string?> ReasonAsync(Readiness check, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Longest);
        try
        {
            return await check.Check(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {Longest.TotalSeconds:0} seconds";
        }
        catch (Exception e) when (e is IOException or System.Data.Common.DbException)
        {
            return "not reachable"; // The message may name files; the log of the room has it.
        }
    }
}
