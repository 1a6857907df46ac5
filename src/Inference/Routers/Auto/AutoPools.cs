using System.Runtime.CompilerServices;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Inference.Routers.Auto;

/// <summary>The operator's ranked lists over one snapshot: patterns made models, best first, each once. Made at the first use after a change.</summary>
internal sealed class AutoPools
{
    private static readonly ConditionalWeakTable<CatalogSnapshot, AutoPools> Made = [];

    private readonly Model[]?[] byTask = new Model[]?[TaskTypes.Count];
    private readonly CatalogSnapshot catalog;

    private AutoPools(CatalogSnapshot catalog) => this.catalog = catalog;

    /// <summary>The models for a task.</summary>
    public static IReadOnlyList<Model> Of(CatalogSnapshot catalog, TaskType task)
    {
        var pools = Made.GetValue(catalog, static key => new AutoPools(key));
        // Two requests may both make it the first time; both results are right.
        return pools.byTask[(int)task] ??= pools.Expand(Patterns(catalog.Options.AutoRouter, task));
    }

    /// <summary>The model is in one of the lists.</summary>
    public static bool HasAnywhere(CatalogSnapshot catalog, Model model)
    {
        for (var task = 0; task < TaskTypes.Count; task++)
        {
            if (Of(catalog, (TaskType)task).Contains(model))
                return true;
        }

        return false;
    }

    private Model[] Expand(IReadOnlyList<string> patterns)
    {
        var models = new List<Model>();
        var seen = new HashSet<Model>(ReferenceEqualityComparer.Instance);
        foreach (var pattern in patterns)
        {
            // By a name an alias is meant too; a wildcard takes what the catalog has, newest first.
            if (!pattern.Contains('*', StringComparison.Ordinal))
            {
                if (catalog.Find(pattern) is { } named && RouterFit.Talks(named) && seen.Add(named))
                    models.Add(named);
                continue;
            }

            foreach (var model in catalog.Models)
            {
                if (ModelPattern.Matches(pattern, model.Id) && RouterFit.Talks(model) && seen.Add(model))
                    models.Add(model);
            }
        }

        return [.. models];
    }

    private static IReadOnlyList<string> Patterns(AutoRouterOptions options, TaskType task) => task switch
    {
        TaskType.Code => options.Code,
        TaskType.Math => options.Math,
        TaskType.LongContext => options.LongContext,
        TaskType.Vision => options.Vision,
        TaskType.Tools => options.Tools,
        _ => options.Chat,
    };
}
