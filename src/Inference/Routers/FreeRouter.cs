using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;

namespace Fairlead.Inference.Routers;

/// <summary>
/// <c>openrouter/free</c>: one of the models that cost nothing and can do what the request needs, drawn with the plan's seed, so that a kept plan is drawn
/// again the same. The others follow in the order drawn.
/// </summary>
internal static class FreeRouter
{
    // More are never attempted (inference.max_attempts), and every one is a candidate of the plan.
    private const int Most = 32;

    public static Outcome<RouterChoice> Choose(RouterFit fit)
    {
        var models = new List<Model>();
        var known = 0;
        foreach (var model in fit.Context.Catalog.Models)
        {
            if (!model.CostsNothing || !RouterFit.Talks(model))
                continue;
            known++;
            if (fit.Serves(model, strictly: true))
                models.Add(model);
        }

        if (models.Count == 0)
            return RouterErrors.NothingLeft(RouterSlugs.Free, known == 0
                ? "no free model can be reached. Set the key of a provider that serves one."
                : $"none of {known} free {(known == 1 ? "model" : "models")} can serve this request: its input, tools, output format, length, provider preferences or the account's settings rule each out.");
        return new RouterChoice(models, new Routed(RouterSlugs.Free, RouterKind.Free, null, $"drawn from {models.Count} of {known} free models that can serve the request"));
    }

    /// <summary>The request with its free models in the order drawn; the one that the conversation had <paramref name="before"/> goes first (routing §9).</summary>
    public static PreparedRequest Draw(PreparedRequest prepared, Routed routed, ulong seed, string? before = null)
    {
        RequestedModel[] models = [.. prepared.Models];
        var drawn = models.AsSpan(routed.From, routed.Count);
        // A seed of its own: the planner's draws begin with the plan's.
        var random = new RouteRandom(seed ^ 0xD6E8FEB86659FD93UL);
        for (var i = 0; i < drawn.Length - 1; i++)
        {
            var j = i + (int)(random.Next() % (ulong)(drawn.Length - i));
            (drawn[i], drawn[j]) = (drawn[j], drawn[i]);
        }

        if (before is not null)
        {
            for (var i = 1; i < drawn.Length; i++)
            {
                if (drawn[i].Model.Id == before)
                    (drawn[0], drawn[i]) = (drawn[i], drawn[0]);
            }
        }

        var dropped = Math.Max(0, routed.Count - Most);
        return prepared with { Models = dropped == 0 ? models : [.. models[..(routed.From + Most)], .. models[(routed.From + routed.Count)..]] };
    }
}
