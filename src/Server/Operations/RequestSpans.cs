using System.Diagnostics;
using Fairlead.Server.Commands;

namespace Fairlead.Server.Operations;

/// <summary>
/// One span for each request, named by method and route as the OpenTelemetry HTTP conventions (1.37) want it. No address as typed, no header, no body:
/// those hold keys and prompts. In the pipeline only where spans are exported.
/// </summary>
internal static class RequestSpans
{
    private static readonly ActivitySource Source = new("Fairlead.Server");

    /// <summary>Puts the spans around everything after this, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> asks for export.</summary>
    public static void UseRequestSpans(this IApplicationBuilder app, ProcessEnvironment environment)
    {
        if (environment.Get(Telemetry.Endpoint) is not null)
            app.Use(TraceAsync);
    }

    private static async Task TraceAsync(HttpContext http, RequestDelegate next)
    {
        // The parent is the caller's span, if it names one. The host's own activity, made for its logs, is never recorded and would hide ours.
        Activity.Current = null;
        _ = ActivityContext.TryParse(http.Request.Headers.TraceParent, http.Request.Headers.TraceState, isRemote: true, out var caller);
        using var span = Source.StartActivity(http.Request.Method, ActivityKind.Server, caller);
        try
        {
            await next(http);
        }
        finally
        {
            if (span is not null)
                Describe(span, http);
        }
    }

    private static void Describe(Activity span, HttpContext http)
    {
        span.SetTag("http.request.method", http.Request.Method);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if ((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{http.Request.Method} {route}";
            span.SetTag("http.route", route);
        }

        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}
