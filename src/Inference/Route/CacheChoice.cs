namespace Fairlead.Inference.Route;

/// <summary>
/// Sticky routing, weighed in money: the endpoint that holds the conversation in its prompt cache goes first if this request is then expected to cost less
/// than at the endpoint that would be first. An unstable one is passed over.
/// </summary>
internal static class CacheChoice
{
    public static void Apply(Span<Standing> standings, bool together, Span<SortKey> keys)
    {
        for (var place = 0; place < keys.Length; place++)
        {
            ref var sticky = ref standings[keys[place].Index];
            if (!sticky.Sticky)
                continue;
            if (!sticky.Unstable)
                Weigh(standings, together, keys, place, ref sticky);
            return;
        }
    }

    private static void Weigh(Span<Standing> standings, bool together, Span<SortKey> keys, int place, ref Standing sticky)
    {
        var index = keys[place].Index;
        var first = 0;
        while (!together && standings[keys[first].Index].Model != sticky.Model)
            first++;
        if (place != first && sticky.Estimate < standings[keys[first].Index].Estimate)
            SortKeys.MoveUp(keys, place, first);

        // Whichever dearer endpoint had been drawn, this one would stand before it.
        var others = 0.0;
        foreach (ref readonly var key in keys)
        {
            ref var other = ref standings[key.Index];
            if ((!together && other.Model != sticky.Model) || key.Index == index)
                continue;
            if (sticky.Estimate < other.Estimate)
                other.Odds = 0;
            others += other.Odds;
        }

        sticky.Odds = Math.Max(0, 1 - others);
    }
}
