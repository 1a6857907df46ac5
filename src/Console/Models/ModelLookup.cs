using Fairlead.Catalog.Snapshot;

namespace Fairlead.Console.Models;

/// <summary>Finding a model by the two parts of its slug in an address.</summary>
internal static class ModelLookup
{
    /// <summary>The model, whether it has a live endpoint or not; null when unknown. The slug may carry a variant, the author be an alias's <c>~author</c>.</summary>
    public static Model? FindBySlug(this CatalogSnapshot catalog, string author, string slug) => catalog.Find($"{author}/{slug}");
}
