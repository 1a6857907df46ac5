using Fairlead.Catalog.Snapshot;
using Fairlead.Console;
using Fairlead.Server.Control;
using Fairlead.Server.Operations;
using Fairlead.Server.Operations.Docs;
using Fairlead.Server.Operations.Metrics;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Hosting;

/// <summary>Puts the rooms together: registrations, then the order in which a request meets them.</summary>
internal static class GatewayApp
{
    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(
        ServeSettings settings, LocalUpstreams upstreams, CatalogSnapshot catalog, string secret, Action<IServiceCollection>? configure)
    {
        // The empty builder reads no appsettings.json and no ASPNETCORE_ variables: what can be set is in docs/operations, and nothing else works.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var services = builder.Services;
        GatewayLogging.Add(builder.Logging, settings.Environment);
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddRouting();
        services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);

        Rooms.Add(services, settings, upstreams, catalog, secret);
        services.AddSingleton<Administration>();
        services.AddSingleton<Draining>();
        services.AddSingleton<MetricsPage>();
        services.AddSingleton<LedgerMeter>();
        OpenApiEndpoint.Add(services);
        Telemetry.AddWhereAsked(services, settings.Environment);

        builder.WebHost.UseKestrelCore().ConfigureKestrel((_, kestrel) =>
            KestrelSettings.Apply(kestrel, settings, ControlSocket.Prepare(settings.Installation.DataFolder), catalog.Options.MaxBodyBytes));
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets.SocketTransportOptions>(KestrelSettings.Apply);
        DrainingServer.Register(services, settings.Drain);
        configure?.Invoke(services);

        var app = builder.Build();
        _ = app.Services.GetRequiredService<MetricsPage>(); // Listens before the first instrument is made.
        _ = app.Services.GetRequiredService<LedgerMeter>();
        app.UseControl();
        app.UseRequestSpans(settings.Environment);
        app.UseApiCors();
        app.UseApiErrors();
        app.UseRouting();
        app.UseVendoredFiles(); // Passes by what an endpoint answers.
        app.MapHealth();
        app.MapMetrics();
        OpenApiEndpoint.Map(app);
        DocsPage.Map(app);
        Rooms.Map(app);
        return app;
    }
}
