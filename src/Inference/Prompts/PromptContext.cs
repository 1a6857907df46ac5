using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Inference.Prompts;

/// <summary>Makes the request that one of several prompts is: like the one it came in, with another body, and answered elsewhere.</summary>
internal static class PromptContext
{
    /// <summary>Makes it.</summary>
    /// <param name="whole">The request it came in.</param>
    /// <param name="body">Its own.</param>
    /// <param name="answer">Where its answer goes.</param>
    /// <param name="hasStarted">Whether anything of the answer has reached the caller.</param>
    /// <param name="aborted">Ends it.</param>
    public static HttpContext Of(HttpContext whole, ReadOnlyMemory<byte> body, Stream answer, Func<bool> hasStarted, CancellationToken aborted)
    {
        var one = new DefaultHttpContext { RequestServices = whole.RequestServices, User = whole.User, TraceIdentifier = whole.TraceIdentifier };
        one.Features.Set<IHttpResponseFeature>(new Response(hasStarted));
        // To cut its connection does nothing: whoever puts the answers together sees that its end is missing.
        one.RequestAborted = aborted;
        one.Request.Method = whole.Request.Method;
        one.Request.Scheme = whole.Request.Scheme;
        one.Request.Host = whole.Request.Host;
        one.Request.PathBase = whole.Request.PathBase;
        one.Request.Path = whole.Request.Path;
        foreach (var (name, value) in whole.Request.Headers)
            one.Request.Headers[name] = value;
        // The body was decompressed on its way here.
        one.Request.Headers.Remove("Content-Encoding");
        one.Request.Headers.Remove("Transfer-Encoding");
        one.Request.ContentLength = body.Length;
        one.Request.Body = new MemoryStream(body.ToArray(), writable: false);
        one.Response.Body = answer;
        return one;
    }

    private sealed class Response(Func<bool> hasStarted) : HttpResponseFeature
    {
        public override bool HasStarted => hasStarted();
    }
}
