using System.Text;
using Fairlead.Accounts;
using Fairlead.Catalog;
using Fairlead.Catalog.Snapshot;
using Fairlead.Console;
using Fairlead.Inference;
using Fairlead.Ledger;
using Fairlead.Server.Folder;
using Fairlead.Server.Operations.Docs;
using Fairlead.Server.Settings;
using Fairlead.Storage;

namespace Fairlead.Server.Hosting;

/// <summary>The rooms of the house, each through its own <c>AddX</c> and <c>MapX</c>.</summary>
internal static class Rooms
{
    /// <summary>What keeps data: all a command needs.</summary>
    public static void AddStores(IServiceCollection services, Installation installation) =>
        services.AddStorage(installation.Database)
            .AddLedger(() => NodeIdFile.ReadOrCreate(installation.DataFolder), ledger => ledger.JournalFolder = DataFolder.Journal(installation.DataFolder))
            .AddAccounts().AddChargeRecomputation();

    /// <summary>All of them.</summary>
    public static void Add(IServiceCollection services, ServeSettings settings, LocalUpstreams upstreams, CatalogSnapshot catalog, string secret)
    {
        AddStores(services, settings.Installation);
        services.AddCatalog(upstreams.Settings, catalog);
        services.AddInference(inference => inference.Secret = Encoding.UTF8.GetBytes(secret));
        services.AddConsole();
        services.AddSingleton(settings.Installation);
        services.AddHostedService<Operations.Nodes.ConfigurationVersions>();
        services.AddHealthExchange();
        services.AddRateShares();
        services.AddSingleton(provider => new Operations.Readiness("database", _ =>
            ValueTask.FromResult(provider.GetRequiredService<Database>().IsReachable() ? null : "it does not answer")));
        services.AddSingleton(provider => new Operations.Readiness("catalog", _ =>
            ValueTask.FromResult(provider.GetRequiredService<CatalogSource>().Current.Models.Count > 0 ? null : "it has no models")));
        services.AddSingleton(provider => new Operations.Readiness("lifetime", _ =>
            ValueTask.FromResult(provider.GetRequiredService<Draining>().HasBegun ? "the server is stopping" : null)));
    }

    /// <summary>Maps what they serve.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var described = endpoints.Described();
        described.MapInference();
        described.MapConsole();
    }
}
