using System.Buffers;

namespace Fairlead.Load.Servers;

/// <summary>
/// The least a proxy can do on this platform: Kestrel in, <see cref="SocketsHttpHandler"/> out, nothing parsed, bodies copied with one flush per read. What Fairlead costs is
/// given as a multiple of this.
/// </summary>
internal static class Passthrough
{
    // What a read of the handler's own buffer can hold at most comes in one piece.
    private const int CopyBuffer = 16 * 1024;

    public static Task ServeAsync(string url, Uri upstream)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        };
        var invoker = new HttpMessageInvoker(handler);
        var app = BareServer.Build(url);
        app.Run(http => ForwardAsync(http, invoker, upstream));
        return app.RunAsync();
    }

    private static async Task ForwardAsync(HttpContext http, HttpMessageInvoker invoker, Uri upstream)
    {
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(upstream, http.Request.Path.Value));
        if (http.Request.ContentLength is { } length)
        {
            request.Content = new StreamContent(http.Request.Body);
            request.Content.Headers.ContentLength = length;
            request.Content.Headers.TryAddWithoutValidation("Content-Type", http.Request.ContentType);
        }

        request.Headers.TryAddWithoutValidation("Authorization", http.Request.Headers.Authorization.ToString());
        using var response = await invoker.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        http.Response.ContentLength = response.Content.Headers.ContentLength;
        await using var body = await response.Content.ReadAsStreamAsync(http.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBuffer);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, http.RequestAborted)) > 0)
            {
                await http.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
