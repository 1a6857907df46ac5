using Fairlead.Storage.Changes;
using Fairlead.Storage.Migrations;
using Fairlead.Storage.Nodes;
using Fairlead.Storage.Schema;
using Fairlead.Storage.Transfer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fairlead.Storage;

/// <summary>Registers the database.</summary>
public static class StorageServices
{
    /// <summary>
    /// The database at <paramref name="address"/>, opened and migrated when <see cref="Database"/> is first resolved (which then throws
    /// <see cref="StorageException"/> with a sentence for the operator), the watcher for changes by other processes, and this node's <see cref="NodeLease"/>
    /// (which needs a <see cref="NodeId"/>). Every registered <see cref="MigrationSet"/> is applied.
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
        services.AddSingleton(StorageMigrations.Set);
        services.AddSingleton<TableTransfer>(new NodeTransfer("nodes"));
        services.AddSingleton<TableTransfer>(new NodeTransfer("endpoint_health"));
        services.AddSingleton<DatabaseCopy>();
        services.AddSingleton<NodeLease>();
        services.AddHostedService<ForeignChangeWatcher>();
        return services;
    }
}
