namespace Fairlead.Inference.Route;

/// <summary>
/// Endpoints that the whole prompt is too long for, where it may be shortened (routing §11.5): those with room for half of prompt and output, else those with the
/// most room. Asked when nobody has room for the whole, or always where compression was asked for.
/// </summary>
internal static class ShortenedPrompts
{
    public static void Readmit(RouteCandidate[] candidates, Standing[] standings, RouteQuery query)
    {
        foreach (ref readonly var standing in standings.AsSpan())
        {
            if (standing.Kept && query.Fit == PromptFit.ShortenedIfSmall)
                return;
        }

        if (Readmit(candidates, standings, query, static (candidate, query) => PromptWindow.Holds(candidate.Endpoint, candidate.WholePromptTokens, query.Request, part: 2)))
            return;
        if (Array.Exists(standings, static standing => standing.Kept))
            return;
        var roomiest = 0;
        for (var i = 0; i < candidates.Length; i++)
            roomiest = IsTooSmall(in candidates[i], in standings[i], query) ? Math.Max(roomiest, candidates[i].Endpoint.ContextLength) : roomiest;
        Readmit(candidates, standings, query, (candidate, _) => candidate.Endpoint.ContextLength == roomiest);
    }

    private static bool Readmit(RouteCandidate[] candidates, Standing[] standings, RouteQuery query, Func<RouteCandidate, RouteQuery, bool> isRoomy)
    {
        var any = false;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (!IsTooSmall(in candidates[i], in standings[i], query) || !isRoomy(candidates[i], query))
                continue;
            standings[i].Filter = CandidateFilters.JudgeParameters(candidates[i].Endpoint, query.Request);
            any |= standings[i].Kept;
        }

        return any;
    }

    private static bool IsTooSmall(in RouteCandidate candidate, in Standing standing, RouteQuery query) =>
        standing.Filter == RouteFilter.ContextLength && PromptWindow.ToShorten(query.Fit, candidate.Endpoint, candidate.Model, query.Request) is not null;
}
