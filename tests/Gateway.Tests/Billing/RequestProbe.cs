using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Gateway.Tests.Billing;

/// <summary>Tells a test when the server has noticed that a caller left, and when it is done with a request. Requests are named by <c>X-Case</c>.</summary>
internal sealed class RequestProbe : IStartupFilter
{
    private readonly ConcurrentDictionary<string, Seen> seen = new(StringComparer.Ordinal);

    public Seen Of(string name) => seen.GetOrAdd(name, _ => new Seen());

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RunAsync);
        next(app);
    };

    private async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Headers.TryGetValue("X-Case", out var name))
        {
            await next(http);
            return;
        }

        var request = Of(name.ToString());
        await using var left = http.RequestAborted.UnsafeRegister(static state => ((Seen)state!).Left.TrySetResult(Stopwatch.GetTimestamp()), request);
        try
        {
            await next(http);
        }
        finally
        {
            request.Done.TrySetResult(http.Response.Headers["X-Generation-Id"].ToString());
        }
    }

    internal sealed class Seen
    {
        /// <summary>The server noticed that the caller left (a <see cref="Stopwatch"/> timestamp).</summary>
        public TaskCompletionSource<long> Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The request is over, settled included; its generation id.</summary>
        public TaskCompletionSource<string> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
