using Fairlead.Catalog;
using Fairlead.Inference;
using Fairlead.Server.Commands;
using Fairlead.Server.Folder;
using Fairlead.Server.Hosting;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Control;

/// <summary>The same commands where no server runs: opens the database, does one thing, closes it.</summary>
internal static class OfflineAdministration
{
    /// <summary>Carries a command out. A server that starts meanwhile notices the change as one by another process.</summary>
    public static async Task<AdminAnswer> RunAsync(Installation installation, AdminCommand command, ProcessEnvironment? environment, CancellationToken cancellationToken)
    {
        // Where a request would go is a question about configuration files, and may be asked before the first start.
        if (command is not ExplainRoute)
            DataFolder.Require(installation);
        DataFolder.Ensure(installation);
        var services = new ServiceCollection();
        services.AddLogging();
        Rooms.AddStores(services, installation);
        if (environment is not null)
            AddRouting(services, new() { Files = installation.ConfigFiles, Environment = environment.Get });
        services.AddSingleton<Administration>();
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<Administration>().RunAsync(command, cancellationToken);
    }

    /// <summary>The catalog and the stages of a request, nothing of which runs by itself here.</summary>
    private static void AddRouting(ServiceCollection services, CatalogSettings settings)
    {
        services.AddMetrics();
        services.AddCatalog(settings, LocalUpstreams.LoadCatalog(settings));
        services.AddInference(static _ => { });
    }
}
