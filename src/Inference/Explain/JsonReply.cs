using Fairlead.Inference.Receive;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Explain;

/// <summary>Sends a whole JSON answer.</summary>
internal static class JsonReply
{
    public static async ValueTask WriteAsync(HttpContext http, PooledBody body)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body.Memory, http.RequestAborted);
    }
}
