using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Health.Sharing;
using Fairlead.Catalog.Pricing.Recomputation;
using Fairlead.Catalog.Reload;
using Fairlead.Catalog.Snapshot;
using Fairlead.Ledger.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fairlead.Catalog;

/// <summary>Adds the room to the program.</summary>
public static class CatalogRegistration
{
    /// <summary>Adds to <c>ledger verify</c> that every charge is computed again from what is stored with it. Needs no catalog.</summary>
    public static IServiceCollection AddChargeRecomputation(this IServiceCollection services) => services.AddSingleton<ILedgerCheck, ChargeRecomputation>();

    /// <summary>Lets nodes that share a database tell each other how endpoints are doing. Needs the database and the node's lease.</summary>
    public static IServiceCollection AddHealthExchange(this IServiceCollection services) => services.AddHostedService<HealthExchange>();

    /// <summary>
    /// Registers <see cref="CatalogSource"/> with the snapshot that was loaded at start, and the watcher that puts a new one in force when a
    /// configuration file changes; and the <see cref="HealthBook"/> with the service that measures.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="settings">The files and layers <paramref name="loaded"/> was made from.</param>
    /// <param name="loaded">The catalog to start with, from <see cref="Building.CatalogLoader"/>.</param>
    public static IServiceCollection AddCatalog(this IServiceCollection services, CatalogSettings settings, CatalogSnapshot loaded)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(new CatalogSource(loaded));
        services.AddSingleton<CatalogWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<CatalogWatcher>());
        services.AddSingleton<ModelDiscovery>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelDiscovery>());
        services.AddMetrics();
        services.AddSingleton<HealthBook>();
        services.AddSingleton<HealthMeter>();
        services.AddHostedService<HealthRefresher>();
        return services;
    }
}
