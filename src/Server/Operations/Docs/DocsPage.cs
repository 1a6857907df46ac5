using Microsoft.Extensions.FileProviders;

namespace Fairlead.Server.Operations.Docs;

/// <summary>
/// <c>GET /docs</c>: shows <c>/openapi.json</c> with the vendored viewer under <c>wwwroot/lib/scalar</c>. Nothing is loaded from elsewhere, nothing
/// is sent elsewhere: the content security policy says so to the browser.
/// </summary>
internal static class DocsPage
{
    // The viewer writes its own style elements, so styles alone may be inline; scripts may not.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Page = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Fairlead API</title>
        </head>
        <body>
        <noscript>The description of this API is at <a href="/openapi.json">/openapi.json</a>; this page needs JavaScript to show it.</noscript>
        <script id="api-reference" data-url="/openapi.json"
          data-configuration='{"withDefaultFonts":false,"telemetry":false,"hideClientButton":true,"agent":{"disabled":true},"mcp":{"disabled":true},
          "showDeveloperTools":"never"}'></script>
        <script src="/lib/scalar/api-reference.js"></script>
        </body>
        </html>

        """;

    /// <summary>Maps the page.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/docs", (HttpContext http) =>
        {
            Harden(http.Response.Headers);
            return Results.Content(Page, "text/html; charset=utf-8");
        }).ExcludeFromDescription();

    /// <summary>Serves <c>wwwroot/lib</c>: third-party files that never change under their name within a version.</summary>
    public static void UseVendoredFiles(this IApplicationBuilder app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "wwwroot", "lib");
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            RequestPath = "/lib",
            ServeUnknownFileTypes = true, // Licence files have no extension.
            DefaultContentType = "text/plain; charset=utf-8",
            OnPrepareResponse = file =>
            {
                file.Context.Response.Headers.XContentTypeOptions = "nosniff";
                file.Context.Response.Headers.CacheControl = "public, max-age=3600";
            },
        });
    }

    private static void Harden(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
