using System.Buffers;

namespace Fairlead.Inference.Route;

/// <summary>
/// Orders the kept candidates. Pure: facts, rules and seed in, places and odds out. Steps, in this order:
/// <list type="number">
/// <item>every candidate gets a <see cref="SortKey"/> (unstable ones last, then the caller's wishes), and the keys are sorted;</item>
/// <item>where nothing else decides, one of each model's best group is drawn with weight 1/price² (<see cref="PriceDraw"/>, routing §6.1);</item>
/// <item>the endpoint that has the conversation in its cache goes first if that is cheaper (<see cref="CacheChoice"/>);</item>
/// <item><c>allow_fallbacks: false</c> cuts the list .</item>
/// </list>
/// </summary>
internal static class CandidateOrder
{
    private const int OnStack = 64;

    /// <param name="standings">Facts and verdicts of the filters; places and odds are written here.</param>
    /// <param name="sorts">What orders each model.</param>
    /// <param name="rules">What the request asks for.</param>
    /// <param name="seed">Of the draws.</param>
    /// <returns>Indices of the candidates, in the order of attempts.</returns>
    public static int[] Arrange(Span<Standing> standings, ReadOnlySpan<RouteSort> sorts, OrderingRules rules, ulong seed)
    {
        var kept = 0;
        foreach (ref readonly var standing in standings)
            kept += standing.Kept ? 1 : 0;
        if (kept == 0)
            return [];

        var rented = kept <= OnStack ? null : ArrayPool<SortKey>.Shared.Rent(kept);
        try
        {
            var keys = rented is null ? stackalloc SortKey[OnStack] : rented;
            keys = keys[..kept];
            Sort(standings, sorts, rules, seed, keys);
            DrawFirsts(standings, sorts, rules, new RouteRandom(seed), keys);
            if (!rules.Ordered)
                CacheChoice.Apply(standings, rules.Together, keys);
            return Place(standings, sorts.Length, rules, keys);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<SortKey>.Shared.Return(rented);
        }
    }

    private static void Sort(Span<Standing> standings, ReadOnlySpan<RouteSort> sorts, OrderingRules rules, ulong seed, Span<SortKey> keys)
    {
        var tiers = HasTiers(sorts, rules) ? ExactoTiers.Of(standings, sorts, rules) : [];
        var next = 0;
        for (var i = 0; i < standings.Length; i++)
        {
            if (standings[i].Kept)
                keys[next++] = SortKey.Of(in standings[i], i, rules.Together ? sorts[0] : sorts[standings[i].Model], rules, tiers, seed);
        }

        keys.Sort();
    }

    private static bool HasTiers(ReadOnlySpan<RouteSort> sorts, OrderingRules rules)
    {
        if (rules.Ordered)
            return false;
        foreach (var sort in sorts)
        {
            if (RouteSorts.HasTiers(sort))
                return true;
        }

        return false;
    }

    /// <summary>Walks groups of equals; draws the first of each model's first group, and of every entry of an <c>order</c> (R-10).</summary>
    private static void DrawFirsts(Span<Standing> standings, ReadOnlySpan<RouteSort> sorts, OrderingRules rules, RouteRandom random, Span<SortKey> keys)
    {
        Span<bool> begun = stackalloc bool[sorts.Length];
        for (var from = 0; from < keys.Length;)
        {
            var to = from + 1;
            while (to < keys.Length && keys[to].Group == keys[from].Group)
                to++;
            ref readonly var head = ref standings[keys[from].Index];
            var model = rules.Together ? 0 : head.Model;
            var first = !begun[model];
            begun[model] = true;
            var drawable = rules.Ordered ? head.Listed != Standing.Unlisted : first && RouteSorts.IsBalanced(sorts[model]);
            if (drawable && !head.Unstable)
                PriceDraw.Apply(standings, keys[from..to], first, ref random);
            else if (first)
                standings[keys[from].Index].Odds = 1;
            from = to;
        }
    }

    private static int[] Place(Span<Standing> standings, int models, OrderingRules rules, ReadOnlySpan<SortKey> keys)
    {
        if (rules.AllowFallbacks)
        {
            var all = new int[keys.Length];
            for (var place = 0; place < all.Length; place++)
                standings[all[place] = keys[place].Index].Order = place;
            return all;
        }

        Span<bool> served = stackalloc bool[models];
        var attempts = new List<int>(models);
        foreach (ref readonly var key in keys)
        {
            ref var standing = ref standings[key.Index];
            if (rules.Ordered ? standing.Listed == Standing.Unlisted : served[standing.Model])
            {
                standing.Filter = RouteFilter.NoFallback;
                continue;
            }

            served[standing.Model] = true;
            standing.Order = attempts.Count;
            attempts.Add(key.Index);
        }

        return [.. attempts];
    }
}
