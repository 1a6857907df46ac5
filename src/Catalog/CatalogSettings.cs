using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;

namespace Fairlead.Catalog;

/// <summary>Where the catalog comes from, decided once at start.</summary>
public sealed record CatalogSettings
{
    /// <summary>Configuration files, later ones winning. Default none.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
    /// <summary>Documents made by the program, between the shipped catalog and the files. Default none.</summary>
    public IReadOnlyList<ConfigurationDocument> Layers { get; init; } = [];
    /// <summary>What servers were found to have before the catalog was read. Default nothing; <see cref="Discovery.ModelDiscovery"/> asks again.</summary>
    public IReadOnlyList<DiscoveredModels> Discovered { get; init; } = [];
    /// <summary>Looks up an environment variable.</summary>
    public required Func<string, string?> Environment { get; init; }
    /// <summary>How often the files are looked at when the system does not report a change itself. Default 1 second.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);
}
