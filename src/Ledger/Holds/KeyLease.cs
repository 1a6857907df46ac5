namespace Fairlead.Ledger.Holds;

/// <summary>
/// What this node has reserved under a key's limit where several nodes share it: reserved and usage of all nodes together never exceed the cap. Guarded by the
/// lock of the account that owns the key.
/// </summary>
internal struct KeyLease
{
    private KeyLimit? _under;
    private long _pending;

    /// <summary>As the database has it.</summary>
    public long Reserved { get; set; }

    /// <summary>Sum of open holds that draw on it.</summary>
    public long Held { get; set; }

    /// <summary>Reserved and promised to nobody.</summary>
    public readonly long Idle => Math.Max(0, Reserved - _pending - Held);

    /// <summary>Whether it was reserved under this cap: under another one nothing may be promised from it.</summary>
    public readonly bool IsUnder(KeyLimit limit) => _under == limit;

    /// <summary>What may be promised under a cap.</summary>
    public readonly long FreeUnder(KeyLimit limit) => IsUnder(limit) ? Idle : 0;

    /// <summary>The database has reserved more, by this cap.</summary>
    public void Grant(long amount, KeyLimit limit)
    {
        Reserved = checked(Reserved + amount);
        _under = limit;
    }

    /// <summary>Takes out what is promised to nobody.</summary>
    public long TakeIdle()
    {
        var idle = Idle;
        Reserved -= idle;
        return idle;
    }

    /// <summary>A charge is decided; spend on the caller's own provider key draws on what there is, for it was never held for.</summary>
    /// <returns>What it draws when it is durable.</returns>
    public long Charge(long charged, long byok)
    {
        var draws = charged + Math.Min(byok, Math.Max(0, Idle - charged));
        _pending += draws;
        return draws;
    }

    /// <summary>The charge is durable.</summary>
    public void Commit(long draws)
    {
        _pending -= draws;
        Reserved -= draws;
    }

    /// <summary>The charge never happened.</summary>
    public void TakeBack(long draws) => _pending -= draws;
}
