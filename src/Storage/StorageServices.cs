using Fairlead.Storage.Changes;
using Fairlead.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fairlead.Storage;

/// <summary>Registers the database.</summary>
public static class StorageServices
{
    /// <summary>
    /// The database at <paramref name="address"/>, opened and migrated when <see cref="Database"/> is first resolved (which then throws
    /// <see cref="StorageException"/> with a sentence for the operator), and the watcher for changes by other processes. Every registered
    /// <see cref="MigrationSet"/> is applied.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, DatabaseAddress address, Action<DatabaseOptions>? configure = null)
    {
        services.AddOptionsWithValidateOnStart<DatabaseOptions>().Configure(options => configure?.Invoke(options)).ValidateDataAnnotations();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => Database.Open(
            address,
            provider.GetRequiredService<IOptions<DatabaseOptions>>().Value,
            provider.GetServices<MigrationSet>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<ForeignChangeWatcher>();
        return services;
    }
}
