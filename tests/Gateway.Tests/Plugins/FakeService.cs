using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>A service that a plugin asks (search, OCR, moderation), over a real socket: answers as the test says and keeps what it was asked.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeService(WebApplication app) => this.app = app;

    /// <summary>Every request so far, in order.</summary>
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    /// <summary>What it answers: status and body, a JSON text.</summary>
    public Func<FakeRequest, (int Status, string Body)> Answer { get; set; } = static _ => (404, "{}");

    /// <summary>A stream of events instead, piece by piece; null for <see cref="Answer"/>.</summary>
    public Func<FakeRequest, IAsyncEnumerable<string>>? Pieces { get; set; }

    /// <summary>Which requests get <see cref="Pieces"/>: all, unless a test says otherwise.</summary>
    public Func<FakeRequest, bool> PiecesWhere { get; set; } = static _ => true;

    /// <summary>How long it takes over an answer.</summary>
    public TimeSpan Takes { get; set; }

    /// <summary>Without trailing slash.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<FakeService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new FakeService(builder.Build());
        service.app.Run(service.ServeAsync);
        await service.app.StartAsync();
        return service;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var request = new FakeRequest(
            http.Request.Method, http.Request.Path, http.Request.QueryString.Value ?? "", await reader.ReadToEndAsync(http.RequestAborted),
            http.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        Requests.Enqueue(request);
        if (Pieces is { } pieces && PiecesWhere(request))
        {
            http.Response.ContentType = "text/event-stream";
            await foreach (var piece in pieces(request).WithCancellation(http.RequestAborted))
            {
                await http.Response.WriteAsync(piece, http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }

            return;
        }

        var (status, body) = Answer(request);
        if (Takes > TimeSpan.Zero)
            await Task.Delay(Takes, http.RequestAborted);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body, http.RequestAborted);
    }
}

/// <summary>A request a <see cref="FakeService"/> got.</summary>
internal sealed record FakeRequest(string Method, string Path, string Query, string Body, IReadOnlyDictionary<string, string> Headers);
