using System.Collections.Frozen;

namespace Fairlead.Catalog.Snapshot;

/// <summary>
/// The whole catalog at one moment: models, endpoints, providers. Immutable and swapped whole; a request takes it once and keeps it. Lookup by
/// slug, permanent slug and variant, without regard to case and without allocation.
/// </summary>
public sealed class CatalogSnapshot
{
    private readonly FrozenDictionary<string, Model> bySlug;
    private readonly FrozenDictionary<string, Model>.AlternateLookup<ReadOnlySpan<char>> bySlugSpan;

    /// <summary>Builds the snapshot and its index.</summary>
    public CatalogSnapshot(long version, IReadOnlyList<Model> models, IReadOnlyList<Provider> providers)
    {
        Version = version;
        Models = models;
        Providers = providers;
        var index = new Dictionary<string, Model>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
            index.TryAdd(model.Id, model);
        foreach (var model in models)
        {
            var variant = model.Id.IndexOf(':', StringComparison.Ordinal) is var at && at < 0 ? "" : model.Id[at..];
            index.TryAdd(model.CanonicalSlug.EndsWith(variant, StringComparison.Ordinal) ? model.CanonicalSlug : model.CanonicalSlug + variant, model);
        }

        bySlug = index.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        bySlugSpan = bySlug.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Changes with every content change; stored with each charge.</summary>
    public long Version { get; }
    /// <summary>Newest first.</summary>
    public IReadOnlyList<Model> Models { get; }
    /// <summary>By slug.</summary>
    public IReadOnlyList<Provider> Providers { get; }

    /// <summary>The model of a slug, permanent slug or either with a static variant; null when unknown.</summary>
    public Model? Find(ReadOnlySpan<char> slug) => bySlugSpan.TryGetValue(slug, out var model) ? model : null;
}

/// <summary>Where the current snapshot is read; one per process. Thread-safe.</summary>
public sealed class CatalogSource(CatalogSnapshot initial)
{
    private volatile CatalogSnapshot current = initial;

    /// <summary>The snapshot in force. Take it once per request.</summary>
    public CatalogSnapshot Current => current;

    /// <summary>Puts a new snapshot in force.</summary>
    public void Publish(CatalogSnapshot snapshot) => current = snapshot;
}
