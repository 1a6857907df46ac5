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

    public ReadOnlyMemory<byte> Body => answer.GetBuffer().AsMemory(0, (int)answer.Length);

    /// <summary>A request like <paramref name="whole"/> with another body. It ends with it when its caller leaves.</summary>
    public static PromptAnswer Begin(HttpContext whole, ReadOnlyMemory<byte> body)
    {
        var kept = new MemoryStream();
        return new PromptAnswer(PromptContext.Of(whole, body, kept, static () => false, whole.RequestAborted), kept);
    }

    /// <summary>An answer that was run elsewhere.</summary>
    public static PromptAnswer Of(HttpContext http, ReadOnlyMemory<byte> body)
    {
        var kept = new MemoryStream();
        kept.Write(body.Span);
        return new PromptAnswer(http, kept);
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
