namespace Fairlead.Inference.Route;

/// <summary>
/// Orders the kept candidates: the caller's <c>order</c>, else a sort, else the default of routing §6.1: among stable endpoints one is drawn with
/// weight 1/price², the other stable ones follow by ascending price, unstable ones last. Free endpoints are drawn evenly, ahead of priced ones.
/// </summary>
internal static class CandidateOrder
{
    public static int[] Arrange(RouteCandidate[] candidates, RouteQuery query, RouteRandom random)
    {
        var kept = 0;
        foreach (ref readonly var candidate in candidates.AsSpan())
            kept += candidate.Kept ? 1 : 0;

        var attempts = new int[kept];
        var filled = 0;
        for (var model = 0; model < query.Models.Count; model++)
        {
            var from = filled;
            for (var i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].ModelOrder == model && candidates[i].Kept)
                    attempts[filled++] = i;
            }

            var wish = query.Request.Provider;
            var mine = attempts.AsSpan(from, filled - from);
            OrderModel(candidates, mine, query, query.Models[model].Sort, ref random);
            var listed = wish.Order.Count > 0 ? MoveListedFirst(candidates, mine, wish.Order) : 0;
            if (!wish.AllowFallbacks)
            {
                var allowed = wish.Order.Count > 0 ? listed : Math.Min(1, mine.Length);
                foreach (var index in mine[allowed..])
                    candidates[index].Filter = RouteFilter.NoFallback;
                filled = from + allowed;
            }
        }

        for (var place = 0; place < filled; place++)
            candidates[attempts[place]].Order = place;
        return filled == attempts.Length ? attempts : attempts[..filled];
    }

    private static void OrderModel(RouteCandidate[] candidates, Span<int> mine, RouteQuery query, RouteSort sort, ref RouteRandom random)
    {
        if (mine.Length == 0)
            return;
        mine.Sort((a, b) => Compare(in candidates[a], in candidates[b]));
        var stable = 0;
        while (stable < mine.Length && !candidates[mine[stable]].Unstable)
            stable++;

        var weighted = query.Request.Provider is { Order.Count: 0, Sort: null } && sort == RouteSort.Default;
        if (!weighted || mine.Length == 1)
        {
            candidates[mine[0]].Odds = 1;
            return;
        }

        // With every endpoint unstable the draw is skipped: the cheapest goes first.
        if (stable == 0)
        {
            candidates[mine[0]].Odds = 1;
            return;
        }

        var drawn = Draw(candidates, mine[..stable], ref random);
        var first = mine[drawn];
        mine[..drawn].CopyTo(mine[1..]);
        mine[0] = first;
    }

    private static int Compare(in RouteCandidate a, in RouteCandidate b)
    {
        var byStability = a.Unstable.CompareTo(b.Unstable);
        if (byStability != 0)
            return byStability;
        var byPrice = a.Price.CompareTo(b.Price);
        return byPrice != 0 ? byPrice : string.CompareOrdinal(a.Endpoint.Id, b.Endpoint.Id);
    }

    private static int Draw(RouteCandidate[] candidates, Span<int> stable, ref RouteRandom random)
    {
        var free = 0;
        while (free < stable.Length && candidates[stable[free]].Price <= 0m)
            free++;
        if (free > 0)
        {
            for (var i = 0; i < free; i++)
                candidates[stable[i]].Odds = 1.0 / free;
            return (int)(random.NextUnit() * free);
        }

        var total = 0.0;
        foreach (var index in stable)
            total += Weight(in candidates[index]);
        foreach (var index in stable)
            candidates[index].Odds = Weight(in candidates[index]) / total;

        var point = random.NextUnit() * total;
        for (var i = 0; i < stable.Length; i++)
        {
            point -= Weight(in candidates[stable[i]]);
            if (point < 0)
                return i;
        }

        return stable.Length - 1;
    }

    // Odds are a ratio of prices, not money: a binary float is exact enough and keeps the draw cheap.
    private static double Weight(in RouteCandidate candidate)
    {
        var price = (double)candidate.Price * 1e6;
        return 1.0 / (price * price);
    }

    /// <summary>Moves the endpoints the caller listed to the front, in the caller's order; returns how many there are.</summary>
    private static int MoveListedFirst(RouteCandidate[] candidates, Span<int> mine, IReadOnlyList<string> order)
    {
        var placed = 0;
        foreach (var name in order)
        {
            for (var i = placed; i < mine.Length; i++)
            {
                if (!CandidateFilters.Matches(candidates[mine[i]].Endpoint, name))
                    continue;
                var index = mine[i];
                mine[placed..i].CopyTo(mine[(placed + 1)..]);
                mine[placed++] = index;
            }
        }

        return placed;
    }
}
