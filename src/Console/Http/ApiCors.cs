using Microsoft.AspNetCore.Http;

namespace Fairlead.Console.Http;

/// <summary>
/// CORS for the API (P3, I-05): any site may call it with a key, none with a cookie (a wildcard origin never carries credentials). A middleware of
/// the framework would need a policy per endpoint and leaves errors of unknown addresses unmarked, which browsers then report as CORS failures.
/// </summary>
internal sealed class ApiCors(RequestDelegate next)
{
    private const string Exposed = "X-Generation-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, "
        + "X-OpenRouter-Cache-Status, X-OpenRouter-Cache-TTL, X-OpenRouter-Cache-Age, X-OpenRouter-Cache-Source-Id";
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private const string OneDay = "86400";

    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase))
            return next(http);
        if (HttpMethods.IsOptions(http.Request.Method) && http.Request.Headers.ContainsKey("Access-Control-Request-Method"))
        {
            Preflight(http);
            return Task.CompletedTask;
        }

        // Marked when the answer starts: an error writer clears what was set before. Calls of programs carry no Origin and pay nothing; catalog
        // answers, which shared caches keep, are marked by their endpoints.
        if (http.Request.Headers.Origin.Count > 0)
            http.Response.OnStarting(
                static state =>
                {
                    Mark(((HttpContext)state).Response);
                    return Task.CompletedTask;
                },
                http);
        return next(http);
    }

    /// <summary>Marks one answer.</summary>
    public static void Mark(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = Exposed;
    }

    private static void Preflight(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlMaxAge = OneDay;
        // Echoed, because a wildcard does not cover Authorization.
        if (http.Request.Headers["Access-Control-Request-Headers"] is { Count: > 0 } asked)
        {
            headers.AccessControlAllowHeaders = asked;
            headers.Vary = "Access-Control-Request-Headers";
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
