namespace Fairlead.Inference.Route;

/// <summary>
/// The default choice of routing §6.1: one of a group of equals is drawn with weight 1/price² and goes to its front, the others stay by ascending price.
/// Free ones are drawn evenly, ahead of priced ones.
/// </summary>
internal static class PriceDraw
{
    /// <param name="standings">All candidates.</param>
    /// <param name="group">Their places, by ascending price.</param>
    /// <param name="tellOdds">The group holds the first of its model: the odds are theirs.</param>
    /// <param name="random">Where the draw comes from.</param>
    public static void Apply(Span<Standing> standings, Span<SortKey> group, bool tellOdds, ref RouteRandom random)
    {
        if (group.Length == 1)
        {
            if (tellOdds)
                standings[group[0].Index].Odds = 1;
            return;
        }

        var free = 0;
        while (free < group.Length && standings[group[free].Index].Price == 0)
            free++;
        var drawn = group[..(free > 0 ? free : group.Length)];
        var total = 0.0;
        foreach (ref readonly var key in drawn)
            total += Weight(standings[key.Index].Price);

        var point = random.NextUnit() * total;
        var first = -1;
        for (var i = 0; i < drawn.Length; i++)
        {
            var weight = Weight(standings[drawn[i].Index].Price);
            if (tellOdds)
                standings[drawn[i].Index].Odds = weight / total;
            point -= weight;
            if (first < 0 && point < 0)
                first = i;
        }

        // Rounding may leave a point after the last.
        SortKeys.MoveUp(drawn, first < 0 ? drawn.Length - 1 : first, 0);
    }

    // Odds are a ratio of prices, not money: a binary float is exact enough and keeps the draw cheap. In dollars per million tokens, far from the
    // range's ends.
    private static double Weight(long price)
    {
        if (price == 0)
            return 1;
        var perMillion = price * 1e-12;
        return 1.0 / (perMillion * perMillion);
    }
}

internal static class SortKeys
{
    /// <summary>Moves one key up to an earlier place; those between go down by one.</summary>
    public static void MoveUp(Span<SortKey> keys, int from, int to)
    {
        if (from == to)
            return;
        var moved = keys[from];
        keys[to..from].CopyTo(keys[(to + 1)..]);
        keys[to] = moved;
    }
}
