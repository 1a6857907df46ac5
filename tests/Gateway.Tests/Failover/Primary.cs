using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Simulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>
/// A provider that a test takes down and up again: a server of its own before a simulator, which plays the fault while it is down. Remembers when it was
/// asked. A second provider, dearer and always healthy, is the simulator itself.
/// </summary>
internal sealed class Primary : IAsyncDisposable
{
    private readonly string fault;
    private readonly TimeProvider clock;
    private readonly SimulatorServer simulator;
    private readonly HttpClient behind = new(new SocketsHttpHandler());
    private readonly ConcurrentQueue<DateTimeOffset> askedAt = new();
    private WebApplication? server;
    private int answered;

    private Primary(string fault, TimeProvider clock, SimulatorServer simulator) => (this.fault, this.clock, this.simulator) = (fault, clock, simulator);

    /// <summary>Suffers the fault.</summary>
    public bool Down { get; set; }

    /// <summary>Good answers so far.</summary>
    public int Answered => Volatile.Read(ref answered);

    /// <summary>When it was asked, by the test's clock; the first good calls included.</summary>
    public IReadOnlyList<DateTimeOffset> AskedAt => [.. askedAt];

    public static async Task<Primary> StartAsync(string fault, TimeProvider clock)
    {
        var primary = new Primary(fault, clock, await SimulatorHost.StartAsync(new SimulatorOptions(), CancellationToken.None));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Run(primary.ForwardAsync);
        await app.StartAsync();
        primary.server = app;
        return primary;
    }

    /// <summary>The primary and the healthy one, in that order by price.</summary>
    public string Config(JsonObject? inference)
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Inference = inference }, "sim", "sim"))!;
        config["providers"]![0]!["base_url"] = server!.Urls.First() + "/v1";
        config["providers"]![1]!["base_url"] = simulator.Address + "v1";
        return config.ToJsonString();
    }

    public async ValueTask DisposeAsync()
    {
        await server!.StopAsync();
        await server.DisposeAsync();
        behind.Dispose();
        await simulator.DisposeAsync();
    }

    private async Task ForwardAsync(HttpContext http)
    {
        askedAt.Enqueue(clock.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(simulator.Address, http.Request.Path)) { Content = new StreamContent(http.Request.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer key");
        if (Down)
            request.Headers.Add("X-Sim", fault);
        try
        {
            using var response = await behind.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            http.Response.StatusCode = (int)response.StatusCode;
            http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.IsSuccessStatusCode && !Down)
                Interlocked.Increment(ref answered);
            await response.Content.CopyToAsync(http.Response.Body);
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            http.Abort();
        }
    }
}
