namespace Fairlead.Ledger.Leases;

/// <summary>
/// How much a node reserves for itself: what those who wait need, as many of them as there is enough for, or a block if that is more; of what is free at most an
/// eighth beyond the need, so that the last credits are not scattered over nodes that do not use them. Pure.
/// </summary>
internal sealed class ReservePlan
{
    /// <summary>The most a node takes ahead of its need: ten dollars, some hundreds or thousands of requests.</summary>
    public const long Block = 10_000_000_000_000;

    /// <summary>The part of what is free that a node takes ahead of its need at most.</summary>
    public const long PartAhead = 8;

    private readonly Dictionary<long, KeyPart> _keys = [];

    /// <summary>What is free for anybody of the account, before this.</summary>
    public long Free { get; private init; }

    /// <summary>What the node takes of it.</summary>
    public long Taken { get; private set; }

    /// <summary>The same of every limited key asked for.</summary>
    public IReadOnlyDictionary<long, KeyPart> Keys => _keys;

    /// <param name="free">Of the account: its balance less all that nodes have reserved.</param>
    /// <param name="inHand">What this node has reserved and not promised.</param>
    /// <param name="keys">Of every limited key that is asked for: what its limit leaves, all that nodes have reserved taken off, and what is in hand.</param>
    /// <param name="wants">Those who wait, in order.</param>
    public static ReservePlan Make(long free, long inHand, IEnumerable<(long KeyId, long Free, long InHand)> keys, IEnumerable<Want> wants)
    {
        var plan = new ReservePlan { Free = Math.Max(0, free) };
        foreach (var (id, keyFree, keyInHand) in keys)
        {
            plan._keys[id] = new() { Free = keyFree, InHand = keyInHand };
        }

        var (need, any) = (0L, false);
        foreach (var want in wants)
        {
            var key = want.Limit is null ? null : plan._keys[want.Key.KeyId];
            if (checked(need + want.Amount) - inHand > plan.Free || (key is not null && !key.Covers(want.Amount)))
            {
                continue;
            }

            any = true;
            need += want.Amount;
            if (key is not null)
            {
                key.Need += want.Amount;
                key.IsWanted = true;
            }
        }

        plan.Taken = any ? Take(plan.Free, need - inHand) : 0;
        foreach (var key in plan._keys.Values)
        {
            key.Taken = key.IsWanted ? Take(Math.Max(0, key.Free), key.Need - key.InHand) : 0;
        }

        return plan;
    }

    /// <summary>Nothing where what is in hand does.</summary>
    private static long Take(long free, long need) => need <= 0 ? 0 : Math.Min(free, Math.Max(need, Math.Min(Block, free / PartAhead)));

    /// <summary>A limited key's part.</summary>
    internal sealed class KeyPart
    {
        /// <summary>What its limit leaves for anybody; negative after a limit was lowered.</summary>
        public long Free { get; init; }

        public long InHand { get; init; }

        public long Need { get; set; }

        public bool IsWanted { get; set; }

        public long Taken { get; set; }

        /// <summary>What its limit leaves for anybody after this.</summary>
        public long Left => Free - Taken;

        public bool Covers(long more) => checked(Need + more) - InHand <= Math.Max(0, Free);
    }
}
