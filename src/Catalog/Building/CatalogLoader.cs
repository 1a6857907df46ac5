using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Shipped;

namespace Fairlead.Catalog.Building;

/// <summary>
/// Reads the configuration and builds the catalog. Order, later wins: shipped catalog, layers made by the program (a discovered local server,
/// the demonstration), configuration files as given.
/// </summary>
/// <param name="environment">Looks up an environment variable; null when it is not set.</param>
public sealed class CatalogLoader(Func<string, string?> environment)
{
    /// <summary>Builds from documents already in memory, without the shipped catalog.</summary>
    public CatalogOutcome Load(IReadOnlyList<ConfigurationDocument> documents) => new CatalogBuilder(environment, []).Build(documents, firstIsShipped: false);

    /// <summary>
    /// Reads <paramref name="files"/> and builds. A file that cannot be read is a mistake like any other; nothing is thrown for it.
    /// </summary>
    /// <param name="files">Paths, later ones winning.</param>
    /// <param name="layers">Documents made by the program, between the shipped catalog and the files.</param>
    /// <param name="discovered">What servers have, as far as it was asked.</param>
    public CatalogOutcome Load(IReadOnlyList<string> files, IReadOnlyList<ConfigurationDocument> layers, IReadOnlyList<DiscoveredModels>? discovered = null) =>
        Load(ConfigurationFiles.Read(files), layers, discovered ?? []);

    internal CatalogOutcome Load(ConfigurationFiles files, IReadOnlyList<ConfigurationDocument> layers, IReadOnlyList<DiscoveredModels> discovered)
    {
        var outcome = Build(files, layers, discovered);
        // What is found must not stand in the way of what is configured, so it is added to a catalog that is good without it.
        if (outcome.Snapshot is { } without && discovered.Count > 0 && DiscoveredLayer.Of(without, discovered) is { } found && Build(files, [.. layers, found], discovered) is { Snapshot: not null } whole)
            outcome = whole;
        if (files.Unreadable.Count > 0)
            return outcome with { Snapshot = null, Mistakes = [.. files.Unreadable, .. outcome.Mistakes] };
        if (outcome.Snapshot is { } snapshot)
            (snapshot.FilesFingerprint, snapshot.Warnings) = (files.Fingerprint, outcome.Warnings);
        return outcome;
    }

    private CatalogOutcome Build(ConfigurationFiles files, IReadOnlyList<ConfigurationDocument> layers, IReadOnlyList<DiscoveredModels> discovered) =>
        new CatalogBuilder(environment, discovered).Build([ShippedCatalog.Open(), .. layers, .. files.Documents], firstIsShipped: true);
}
