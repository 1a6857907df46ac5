using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Inference.Receive;

/// <summary>Receive: reads the body within its limits and validates it in the caller's dialect.</summary>
internal static class Receiver
{
    private const int LongestSession = 256;

    /// <summary>The bytes as they came, decompressed. Whoever gets them disposes them, when nothing read from them is needed any more.</summary>
    public static ValueTask<Outcome<PooledBody>> ReadAsync(InferenceContext context)
    {
        var http = context.Http;
        // The limit is ours: it counts decompressed bytes, follows the configuration while the server runs, and answers in the contract's shape.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = null;
        return BodyReader.ReadAsync(http.Request, context.Catalog.Options.MaxBodyBytes, http.RequestAborted);
    }

    /// <summary>What they say, in the caller's dialect. It refers to them.</summary>
    public static Outcome<CanonicalRequest> Parse(InferenceContext context, ReadOnlyMemory<byte> body)
    {
        var (canonical, refusal) = context.Dialect.ReadRequest(body);
        if (refusal is not null)
            return refusal;
        string? session = context.Http.Request.Headers["x-session-id"];
        if (canonical!.SessionId is not null || string.IsNullOrEmpty(session))
            return canonical;
        // As in the body (I-65).
        return session.Length <= LongestSession
            ? canonical with { SessionId = session }
            : GatewayError.Invalid($"The x-session-id header must have at most {LongestSession} characters.", "session_id");
    }
}
