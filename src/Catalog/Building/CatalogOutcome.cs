using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>What came of reading the configuration: a snapshot, or every mistake that prevents one.</summary>
public sealed record CatalogOutcome
{
    /// <summary>The catalog; null when there is any mistake (a file is refused whole).</summary>
    public CatalogSnapshot? Snapshot { get; init; }
    /// <summary>Everything wrong, in document order.</summary>
    public IReadOnlyList<ConfigurationMistake> Mistakes { get; init; } = [];
    /// <summary>Right, but probably not what was meant: a key variable that is not set, a protocol that is only listed.</summary>
    public IReadOnlyList<ConfigurationMistake> Warnings { get; init; } = [];
}
