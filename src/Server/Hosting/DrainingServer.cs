using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Server.Hosting;

/// <summary>
/// Kestrel with a time limit of its own for stopping. Kestrel stops accepting at once, waits for open requests until the token it is given fires and
/// then cuts them. The host gives it the same token as everything that stops after it, so without this the last settlements would have no time left.
/// </summary>
internal sealed class DrainingServer(IServer kestrel, TimeSpan drain) : IServer
{
    /// <summary>How long everything after the web server may take: writing the last settlements, closing the database.</summary>
    public static TimeSpan AfterDrain { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Puts this in front of the registered server.</summary>
    public static void Register(IServiceCollection services, TimeSpan drain)
    {
        var kestrel = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(kestrel);
        services.AddSingleton<IServer>(provider =>
            new DrainingServer((IServer)ActivatorUtilities.CreateInstance(provider, kestrel.ImplementationType!), drain));
        services.Configure<HostOptions>(options => options.ShutdownTimeout = drain + AfterDrain);
    }

    /// <inheritdoc/>
    public IFeatureCollection Features => kestrel.Features;

    /// <inheritdoc/>
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => kestrel.StartAsync(application, cancellationToken);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(drain);
        await kestrel.StopAsync(limit.Token);
    }

    /// <inheritdoc/>
    public void Dispose() => kestrel.Dispose();
}
