using Fairlead.Simulator.Recording;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Fairlead.Simulator;

/// <summary>Starts simulated upstreams inside this process.</summary>
public static class SimulatorHost
{
    /// <summary>Starts a real HTTP server that speaks the upstream wire protocols.</summary>
    /// <exception cref="ArgumentException">The address is not an <c>http://</c> URL.</exception>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, CancellationToken cancellationToken)
    {
        // The empty builder reads no appsettings.json and no environment: the process it lives in has its own.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        // Flush waits until the kernel has the bytes: a cut "after N events" has then really sent N events.
        builder.Services.Configure<SocketTransportOptions>(o => o.MaxWriteBufferSize = 1);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 128L << 20;
            kestrel.Limits.MinResponseDataRate = null;
            foreach (var url in options.Url.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                Bind(kestrel, url);
            }
        });

        var app = builder.Build();
        var log = new RequestLog(options);
        var simulator = new Simulation(options, log, app.Lifetime.ApplicationStopping);
        app.Run(simulator.ServeAsync);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new SimulatorServer(app, log);
    }

    private static void Bind(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, string url)
    {
        var address = BindingAddress.Parse(url);
        if (address.Scheme != "http")
        {
            throw new ArgumentException($"The simulator listens on http:// addresses only, not {url}.");
        }

        if (System.Net.IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, address.Port);
        }
        else if (address.Host == "localhost")
        {
            // Kestrel cannot pick one free port for both loopback addresses.
            kestrel.Listen(System.Net.IPAddress.Loopback, address.Port);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port);
        }
    }

    /// <summary>Leaves the signals to the process the simulator lives in.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
