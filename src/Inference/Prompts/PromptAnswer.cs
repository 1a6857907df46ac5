using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Prompts;

/// <summary>One of several prompts: a request with the headers of the one it came in, and its answer, kept in memory.</summary>
internal sealed class PromptAnswer
{
    private readonly MemoryStream answer;

    private PromptAnswer(HttpContext http, MemoryStream answer) => (Http, this.answer) = (http, answer);

    /// <summary>To be run.</summary>
    public HttpContext Http { get; }

    public bool IsGood => Http.Response.StatusCode == StatusCodes.Status200OK;

    public string GenerationId => Http.Response.Headers["X-Generation-Id"].ToString();

    public ReadOnlyMemory<byte> Body => answer.GetBuffer().AsMemory(0, (int)answer.Length);

    /// <summary>A request like <paramref name="whole"/> with another body. It ends with it when its caller leaves.</summary>
    public static PromptAnswer Begin(HttpContext whole, ReadOnlyMemory<byte> body)
    {
        var one = new DefaultHttpContext { RequestServices = whole.RequestServices, RequestAborted = whole.RequestAborted, User = whole.User, TraceIdentifier = whole.TraceIdentifier };
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
        var kept = new MemoryStream();
        one.Response.Body = kept;
        return new PromptAnswer(one, kept);
    }

    /// <summary>Sends it as the answer to the whole.</summary>
    public async ValueTask SendAsync(HttpContext whole)
    {
        var response = whole.Response;
        response.StatusCode = Http.Response.StatusCode;
        foreach (var (name, value) in Http.Response.Headers)
            response.Headers[name] = value;
        await response.Body.WriteAsync(Body, whole.RequestAborted);
    }
}
