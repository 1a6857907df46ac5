namespace Fairlead.Inference.Route;

/// <summary>
/// A candidate's place as numbers, the smaller the earlier. <see cref="Group"/> holds what comes before any price or measure, most significant first
/// (routing §6.5): unstable, not preferred, model, entry of <c>order</c>, service tier, no data for a hard wish, degraded, tier of quality, no data to sort by.
/// </summary>
/// <param name="Group">Compared first.</param>
/// <param name="Value">The measure sorted by; 0 where the price decides.</param>
/// <param name="Price">The lower price among equals.</param>
/// <param name="Tie">Chance among equal prices.</param>
/// <param name="Index">The candidate.</param>
internal readonly record struct SortKey(ulong Group, ulong Value, long Price, ulong Tie, int Index) : IComparable<SortKey>
{
    public static SortKey Of(in Standing standing, int index, RouteSort sort, OrderingRules rules, ReadOnlySpan<byte> tiers, ulong seed)
    {
        var unlisted = standing.Listed == Standing.Unlisted;
        var health = standing.Health;
        var group = Bit(standing.Unstable, 63)
            | (rules.Together ? 0UL : (ulong)standing.Model << 54)
            | ((unlisted ? 1023UL : (ulong)standing.Listed) << 44);
        if ((rules.PreferredThroughput is not null || rules.PreferredLatency is not null) && !Performance.IsPreferred(health, rules))
            group |= 1UL << 62;
        if ((rules.NeedsThroughput && !Performance.HasData(health.Throughput5m)) || (rules.NeedsLatency && !Performance.HasData(health.FirstToken5m)))
            group |= 1UL << 42;
        if (rules.Ordered && unlisted)
            sort = RouteSort.Price; // The list decides; what is not on it follows by price.
        group |= Bit(!standing.Priority, 43);
        if (RouteSorts.IsBalanced(sort) || sort == RouteSort.Exacto)
            group |= Bit(standing.Degraded, 41);
        if (tiers.Length > 0)
            group |= (ulong)tiers[index] << 39;

        var value = sort switch
        {
            RouteSort.Throughput when Performance.HasData(health.Throughput5m) => ulong.MaxValue - BitConverter.SingleToUInt32Bits(health.Throughput5m.P50),
            RouteSort.Latency when Performance.HasData(health.FirstToken5m) => BitConverter.SingleToUInt32Bits(health.FirstToken5m.P50),
            RouteSort.Throughput or RouteSort.Latency => NoData(ref group),
            _ => 0UL,
        };
        // Equal prices stand in random order, the same for the same seed.
        return new SortKey(group, value, standing.Price, new RouteRandom(seed ^ ((ulong)(index + 1) * 0xA0761D6478BD642FUL)).Next(), index);
    }

    public int CompareTo(SortKey other)
    {
        if (Group != other.Group)
            return Group < other.Group ? -1 : 1;
        if (Value != other.Value)
            return Value < other.Value ? -1 : 1;
        if (Price != other.Price)
            return Price < other.Price ? -1 : 1;
        return Tie != other.Tie ? (Tie < other.Tie ? -1 : 1) : Index.CompareTo(other.Index);
    }

    private static ulong NoData(ref ulong group)
    {
        group |= 1UL << 38;
        return 0;
    }

    private static ulong Bit(bool set, int at) => set ? 1UL << at : 0;
}
