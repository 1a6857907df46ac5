using Fairlead.Server.Operations.Metrics;

namespace Fairlead.Server.Operations;

/// <summary><c>GET /metrics</c>.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps the page. It names models and providers and counts, never keys or accounts.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/metrics", Show)
            .WithTags("Operations")
            .WithSummary("Counters in Prometheus' text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");

    private static IResult Show(MetricsPage page) => Results.Text(page.Write(), MetricsPage.ContentType);
}
