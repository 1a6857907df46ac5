using System.Collections.Frozen;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Snapshot;

/// <summary>
/// The whole catalog at one moment: models, endpoints, providers. Immutable and swapped whole; a request takes it once and keeps it. Lookup by
/// slug, permanent slug and variant, without regard to case and without allocation.
/// </summary>
public sealed class CatalogSnapshot
{
    private readonly FrozenDictionary<string, Model> bySlug;
    private readonly NearestIds nearest;
    private readonly FrozenDictionary<string, Model>.AlternateLookup<ReadOnlySpan<char>> bySlugSpan;

    /// <summary>Builds the snapshot and its index.</summary>
    public CatalogSnapshot(long version, IReadOnlyList<Model> models, IReadOnlyList<Provider> providers, GatewayOptions? options = null)
    {
        Version = version;
        Models = models;
        Providers = providers;
        Options = options ?? GatewayOptions.Default;
        Listed = [.. models.Where(IsListed)];
        var index = new Dictionary<string, Model>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
            index.TryAdd(model.Id, model);
        foreach (var alias in models.Where(m => m.AliasTarget is not null))
        {
            if (index.TryGetValue(alias.AliasTarget!, out var target) && target.AliasTarget is null)
                index[alias.Id] = target;
        }

        foreach (var model in models)
        {
            var variant = model.Id.IndexOf(':', StringComparison.Ordinal) is var at && at < 0 ? "" : model.Id[at..];
            index.TryAdd(model.CanonicalSlug.EndsWith(variant, StringComparison.Ordinal) ? model.CanonicalSlug : model.CanonicalSlug + variant, model);
        }

        nearest = new(Listed);
        bySlug = index.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        bySlugSpan = bySlug.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Changes with every content change; stored with each charge.</summary>
    public long Version { get; }
    /// <summary>Newest first.</summary>
    public IReadOnlyList<Model> Models { get; }
    /// <summary>By slug.</summary>
    public IReadOnlyList<Provider> Providers { get; }

    /// <summary>The files it was made from, so that the watcher knows when they are others. Set once, before the snapshot is handed out.</summary>
    internal string FilesFingerprint { get; set; } = "";
    /// <summary>What was worth a warning while it was made. Set once, before the snapshot is handed out.</summary>
    internal IReadOnlyList<ConfigurationMistake> Warnings { get; set; } = [];
    /// <summary>What the operator decided beyond providers and models.</summary>
    public GatewayOptions Options { get; }
    /// <summary>What <c>/models</c> shows, newest first: models with a live endpoint, or every model where the operator says so, and routers.</summary>
    public IReadOnlyList<Model> Listed { get; }

    /// <summary>A router is shown where there is something it could choose.</summary>
    private bool IsListed(Model model) => model.Router switch
    {
        RouterKind.None => Options.ListAll || model.LiveEndpoints.Count > 0,
        RouterKind.NotOffered => false,
        RouterKind.Free => Options.ListAll || Models.Any(other => other is { Router: RouterKind.None, CostsNothing: true }),
        _ => Options.ListAll || Models.Any(other => other is { Router: RouterKind.None, LiveEndpoints.Count: > 0 }),
    };

    /// <summary>
    /// Up to <paramref name="count"/> listed ids that resemble a slug, best first: for the metadata of "unknown model". The cost is bounded
    /// whatever was asked for.
    /// </summary>
    public IReadOnlyList<string> Nearest(string slug, int count) => nearest.Find(slug, count);

    /// <summary>The newest model of a family (<c>~author/family-latest</c>) that has no row of its own; null when there is none.</summary>
    public Model? FindLatest(string alias) => LatestModels.IsAlias(alias) ? LatestModels.Find(alias, declared: null, Models) : null;

    /// <summary>The model of a slug, an alias (<c>~author/family-latest</c>), permanent slug or either with a static variant; null when unknown.</summary>
    public Model? Find(ReadOnlySpan<char> slug) => bySlugSpan.TryGetValue(slug, out var model) ? model : null;
}

/// <summary>Where the current snapshot is read; one per process. Thread-safe.</summary>
public sealed class CatalogSource(CatalogSnapshot initial)
{
    private volatile CatalogSnapshot current = initial;

    /// <summary>The snapshot in force. Take it once per request.</summary>
    public CatalogSnapshot Current => current;

    /// <summary>Raised after a new snapshot is in force, on the thread that published it. Handlers are quick and do not throw.</summary>
    public event EventHandler? Changed;

    /// <summary>Puts a new snapshot in force.</summary>
    public void Publish(CatalogSnapshot snapshot)
    {
        current = snapshot;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
