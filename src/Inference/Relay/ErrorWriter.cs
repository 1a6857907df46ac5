using System.Globalization;
using Fairlead.Inference.Receive;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Relay;

/// <summary>Writes the one error of a request, in the shape of the caller's dialect (inference §13). Nothing of an answer may have been sent.</summary>
internal static class ErrorWriter
{
    public static async ValueTask WriteAsync(InferenceContext context, GatewayError error)
    {
        var response = context.Http.Response;
        if (response.HasStarted)
        {
            // Part of an answer is out and its end is not: the connection must not look as if it ended well.
            context.Http.Abort();
            return;
        }

        using var body = new PooledBody();
        context.Dialect.WriteError(error, context.GenerationId, context.UserId, body);
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (error.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in error.RateLimit?.Headers ?? [])
            response.Headers[name] = value;
        await response.Body.WriteAsync(body.Memory, context.Http.RequestAborted);
    }
}
