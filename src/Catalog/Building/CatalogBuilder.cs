using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Discovery;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Building;

/// <summary>
/// Makes a snapshot from layers of configuration, later ones winning: a provider entry overrides the members it names, a model entry
/// replaces the model. Pure but for the environment, which is passed in.
/// </summary>
/// <param name="environment">Looks up an environment variable.</param>
/// <param name="discovered">What servers have, as far as they were asked: it fills in what models leave out.</param>
internal sealed class CatalogBuilder(Func<string, string?> environment, IReadOnlyList<DiscoveredModels> discovered)
{
    private readonly MistakeList mistakes = new();
    private readonly MistakeList warnings = new();

    /// <summary>Builds; the first layer is the shipped catalog when <paramref name="firstIsShipped"/>.</summary>
    public CatalogOutcome Build(IReadOnlyList<ConfigurationDocument> documents, bool firstIsShipped)
    {
        var pool = new TextPool();
        var providerEntries = new Dictionary<string, ProviderEntry>(StringComparer.Ordinal);
        var modelEntries = new Dictionary<string, ModelEntry>(StringComparer.OrdinalIgnoreCase);
        var options = GatewayOptions.Default;
        var shipped = firstIsShipped ? documents[0] : null;
        IReadOnlyList<ModelEntry> shippedModels = [];
        foreach (var document in documents)
        {
            var layer = ConfigurationReader.Read(document, pool, mistakes);
            foreach (var entry in layer.Providers)
                providerEntries[entry.Slug] = providerEntries.TryGetValue(entry.Slug, out var earlier) ? earlier.OverriddenBy(entry) : entry;
            foreach (var entry in layer.Models)
                modelEntries[entry.Id] = entry;
            if (document == shipped)
                shippedModels = layer.Models;
            options = layer.Options.Aggregate(options, (current, change) => change(current));
        }

        var named = modelEntries.Values.Where(entry => !entry.At.Document.Discovered).SelectMany(entry => entry.Endpoints).Select(endpoint => endpoint.Provider).OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        var providers = new ProviderBuilder(environment, shipped, named, mistakes, warnings).Build(providerEntries.Values);
        var contextLengths = new ContextLengths(shippedModels, discovered, warnings);
        var models = new ModelBuilder(providers, shipped, contextLengths, mistakes, warnings).Build(modelEntries.Values);
        if (mistakes.Count > 0)
            return new() { Mistakes = mistakes.InOrder(documents), Warnings = warnings.InOrder(documents) };
        Provider[] bySlug = [.. providers.Values.OrderBy(p => p.Slug, StringComparer.Ordinal)];
        var snapshot = new CatalogSnapshot(VersionOf(documents, bySlug, contextLengths.Learnt), models, bySlug, options.WithKeys(environment));
        if (options.DefaultModel is { } model && snapshot.Find(model) is null)
        {
            warnings.Add(new(documents[^1].Name, 1, 1, "inference.default_model",
                $"\"{model}\" is not in the catalog; requests without a model are refused."));
        }

        foreach (var (task, list) in options.AutoRouter.Lists)
        {
            foreach (var pattern in list.Where(pattern => !pattern.Contains('*', StringComparison.Ordinal) && snapshot.Find(pattern) is null))
                warnings.Add(new(documents[^1].Name, 1, 1, $"inference.auto_router.{task}", $"\"{pattern}\" is not in the catalog and is never chosen."));
        }

        return new() { Snapshot = snapshot, Warnings = warnings.InOrder(documents) };
    }

    // The same content has the same version on every node and after a restart. Keys do not count, whether there is one does.
    private static long VersionOf(IReadOnlyList<ConfigurationDocument> documents, IReadOnlyList<Provider> providers, IReadOnlyList<string> learnt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[32];
        foreach (var document in documents)
        {
            SHA256.HashData(document.Json.Span, digest);
            hash.AppendData(digest);
        }

        foreach (var provider in providers.Where(p => p.Live))
            hash.AppendData(Encoding.UTF8.GetBytes($"{provider.Slug} {provider.BaseUrl}\n"));
        foreach (var length in learnt)
            hash.AppendData(Encoding.UTF8.GetBytes(length + "\n"));
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest) & long.MaxValue;
    }
}
