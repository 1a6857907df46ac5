using System.Text.Json;
using Fairlead.Protocols.Errors;

namespace Fairlead.Server.Hosting;

/// <summary>
/// The last catch: what no endpoint answered (unknown address, wrong method) and what nobody caught, in the shape of inference §13. The text of an
/// exception is never sent.
/// </summary>
internal sealed partial class ApiErrors(RequestDelegate next, ILogger<ApiErrors> logger)
{
    /// <summary>Runs the rest and looks at what came of it.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // The caller is gone: nobody to tell, and no fault of ours.
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(http, e.StatusCode, Kind(e.StatusCode), Sentence(e.StatusCode));
            return;
        }
        catch (Exception e)
        {
            LogUnhandled(http.Request.Method, http.GetEndpoint()?.DisplayName ?? "no endpoint", e);
            if (http.Response.HasStarted)
                http.Abort(); // A truncated answer must look truncated.
            else
                await WriteAsync(http, StatusCodes.Status500InternalServerError, ErrorKind.Server, "Internal Server Error");
            return;
        }

        if (http.GetEndpoint() is null or { DisplayName: "405 HTTP Method Not Supported" } or { DisplayName: "415 HTTP Unsupported Media Type" }
            && http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            await WriteAsync(http, http.Response.StatusCode, Kind(http.Response.StatusCode), Sentence(http.Response.StatusCode));
    }

    private static async Task WriteAsync(HttpContext http, int status, ErrorKind kind, string message)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        var allow = http.Response.Headers.Allow;
        http.Response.Clear();
        http.Response.Headers.Allow = allow;
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, status);
            json.WriteString("message"u8, message);
            json.WriteStartObject("metadata"u8);
            json.WriteString("error_type"u8, ErrorKinds.WireName(kind));
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), http.RequestAborted);
    }

    private static ErrorKind Kind(int status) => status switch
    {
        StatusCodes.Status404NotFound => ErrorKind.NotFound,
        StatusCodes.Status408RequestTimeout => ErrorKind.RequestTimeout,
        StatusCodes.Status413PayloadTooLarge => ErrorKind.PayloadTooLarge,
        >= 500 => ErrorKind.Server,
        _ => ErrorKind.InvalidRequest,
    };

    private static string Sentence(int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address; /docs lists what there is.",
        StatusCodes.Status405MethodNotAllowed => "This address does not take this method; the Allow header lists those it takes.",
        StatusCodes.Status408RequestTimeout => "The request was sent too slowly.",
        StatusCodes.Status413PayloadTooLarge => "The request body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON: send Content-Type: application/json.",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "The request headers are too large.",
        >= 500 => "Internal Server Error",
        _ => "The request could not be read.",
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A {Method} request to {Endpoint} failed in a way nobody foresaw; the caller got a 500.")]
    private partial void LogUnhandled(string method, string endpoint, Exception exception);
}

/// <summary>Registers <see cref="ApiErrors"/>.</summary>
internal static class ApiErrorsExtensions
{
    /// <summary>Everything after this is looked after.</summary>
    public static void UseApiErrors(this IApplicationBuilder app) => app.UseMiddleware<ApiErrors>();
}
