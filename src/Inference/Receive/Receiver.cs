using Fairlead.Protocols.Canonical;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Inference.Receive;

/// <summary>A request as it came: its bytes, kept for forwarding, and what was read from them. Dispose returns the bytes to the pool.</summary>
internal sealed class InferenceRequest(CanonicalRequest canonical, PooledBody body) : IDisposable
{
    public CanonicalRequest Canonical { get; } = canonical;

    public void Dispose() => body.Dispose();
}

/// <summary>Receive: reads the body within its limits and validates it in the caller's dialect.</summary>
internal static class Receiver
{
    public static async ValueTask<Outcome<InferenceRequest>> ReadAsync(InferenceContext context)
    {
        var http = context.Http;
        // The limit is ours: it counts decompressed bytes, follows the configuration while the server runs, and answers in the contract's shape.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = null;
        var read = await BodyReader.ReadAsync(http.Request, context.Catalog.Options.MaxBodyBytes, http.RequestAborted);
        if (!read.Try(out var body, out var error))
            return error;

        var (canonical, refusal) = context.Dialect.ReadRequest(body.Memory);
        if (refusal is not null)
        {
            body.Dispose();
            return refusal;
        }

        string? session = http.Request.Headers["x-session-id"];
        if (canonical!.SessionId is null && session is { Length: > 0 and <= 256 })
            canonical = canonical with { SessionId = session };
        return new InferenceRequest(canonical, body);
    }
}
