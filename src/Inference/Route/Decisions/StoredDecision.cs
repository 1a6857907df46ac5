using Fairlead.Inference.Routers;

namespace Fairlead.Inference.Route.Decisions;

/// <summary>How a candidate is named in a decision; the catalog may have changed since.</summary>
/// <param name="Tag">The endpoint's tag.</param>
/// <param name="Id">Its stable id.</param>
internal readonly record struct CandidateName(string Tag, string Id);

/// <summary>A model of a decision.</summary>
internal readonly record struct DecidedModel(string Slug, RouteSort Sort);

/// <summary>
/// A routing decision as it is kept with its generation: everything the order depends on, and what came of it. Holds nothing of the request's content.
/// </summary>
internal sealed record StoredDecision
{
    public required ulong Seed { get; init; }
    public required long CatalogVersion { get; init; }
    public required OrderingRules Rules { get; init; }
    public required IReadOnlyList<DecidedModel> Models { get; init; }
    public required IReadOnlyList<CandidateName> Names { get; init; }
    /// <summary>Facts and verdicts, at the same places as <see cref="Names"/>.</summary>
    public required Standing[] Standings { get; init; }

    /// <summary>What a router decided; null where the request named its models.</summary>
    public Routed? Routed { get; init; }

    /// <summary>Candidates in the order of attempts.</summary>
    public IEnumerable<int> Attempts => Enumerable.Range(0, Standings.Length).Where(i => Standings[i].Order >= 0).OrderBy(i => Standings[i].Order);

    /// <summary>Orders the candidates again, from the stored facts alone. The same numbers come out, or the record is not what happened.</summary>
    public Standing[] Replay()
    {
        var again = new Standing[Standings.Length];
        for (var i = 0; i < again.Length; i++)
        {
            again[i] = Standings[i] with { Order = -1, Odds = 0 };
            if (again[i].Filter == RouteFilter.NoFallback)
                again[i].Filter = RouteFilter.None;
        }

        CandidateOrder.Arrange(again, [.. Models.Select(model => model.Sort)], Rules, Seed);
        return again;
    }
}
