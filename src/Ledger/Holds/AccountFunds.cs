namespace Fairlead.Ledger.Holds;

/// <summary>
/// The credits of one account as this node knows them, and all that is promised from them. One lock makes every check and its promise one step, so no
/// interleaving of holds, growth, settlements and releases can promise more than there is (invariant M4).
/// <code>
/// free = credited − used − pending − held
///        └─ as committed ─┘  │         └ open holds
///                            └ charged, waiting for the commit
/// free = reserved − pending − held, where several nodes share the account: each promises only what it has reserved for itself
/// </code>
/// A charge is taken from <c>free</c> when it is decided and moves to <c>used</c> when it is durable, or back to <c>free</c> when the commit fails.
/// </summary>
/// <param name="accountId">The account.</param>
/// <param name="leased">Whether several nodes share it.</param>
internal sealed partial class AccountFunds(long accountId, bool leased = false)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, KeySpend> _keys = [];
    private long _credited;
    private long _used;
    private long _purchased;
    private long _pending;
    private long _held;
    private long _reserved;
    private int _kept;
    private bool _touched;
    private bool _inDoubt;

    public long AccountId { get; } = accountId;

    // In doubt, what a charge seems to have given back may have been drawn: nothing new is promised before memory was compared with the database.
    private long Free => leased ? _inDoubt ? 0 : _reserved - _pending - _held : checked(_credited - _used - _pending - _held);

    /// <summary>Sets the aside amount of <paramref name="request"/> if account and key allow it.</summary>
    public HoldOutcome TryHold(CreditLedger ledger, KeySpend key, in HoldRequest request, int today, long nowMs)
    {
        var amount = request.Amount.PicoDollars;
        lock (_lock)
        {
            _touched = true;
            if (_inDoubt)
            {
                return HoldOutcome.Unavailable;
            }

            var free = Free;
            var keyFree = KeyFree(key, request.KeyLimit, today);
            if (free < 0 || amount > free || amount > keyFree || keyFree < 0)
            {
                var available = new Credits(Math.Max(0, Math.Min(free, keyFree)));
                // P28: a negative account first, then an exhausted key, then what the request cannot afford.
                var byKey = free >= 0 && (keyFree <= 0 || keyFree < free);
                return byKey
                    ? new(HoldRefusal.KeyLimit, available, request.KeyLimit!.Value.Window)
                    : new(HoldRefusal.AccountBalance, available, UsageWindow.Total);
            }

            var hold = new Hold(ledger, this, key, request, nowMs) { DrawsOnKeyLease = leased && request.KeyLimit is not null };
            Set(hold, amount);
            return new(hold);
        }
    }

    public bool TryGrow(Hold hold, long by, int today)
    {
        lock (_lock)
        {
            if (!hold.Open || by > Free || by > KeyFree(hold.Key, hold.Limit, today))
            {
                return false;
            }

            hold.Reserved += by;
            Set(hold, by);
            return true;
        }
    }

    /// <summary>Gives back a part of what an open hold set aside.</summary>
    public void Shrink(Hold hold, long by)
    {
        lock (_lock)
        {
            by = Math.Min(by, hold.Reserved);
            hold.Reserved -= by;
            Set(hold, -by);
        }
    }

    public Credits ReservedBy(Hold hold)
    {
        lock (_lock)
        {
            return new(hold.Reserved);
        }
    }

    /// <summary>Gives back what a hold set aside; false when it had already ended.</summary>
    public bool Release(Hold hold)
    {
        lock (_lock)
        {
            var wasOpen = hold.Open;
            GiveBack(hold);
            return wasOpen;
        }
    }

    /// <summary>
    /// Ends the hold and takes what is due out of it and of what else is free: never more than account and key have (inference I-63).
    /// </summary>
    /// <returns>What is charged, of it what the key's lease covers, the UTC day it counts on, and whether this call ended the hold.</returns>
    public (long Charged, long OfKeyLease, int Day, bool Ended) Charge(Hold hold, long due, long byokCost, int today)
    {
        lock (_lock)
        {
            var ended = hold.Open;
            var fromHold = Math.Min(due, hold.Reserved);
            var free = Math.Max(0, Math.Min(Free, KeyFree(hold.Key, hold.Limit, today)));
            var charged = fromHold + Math.Min(due - fromHold, free);
            GiveBack(hold);
            _pending = checked(_pending + charged);
            hold.Key.MoveTo(today);
            hold.Key.Add(hold.Key.Day, charged, byokCost);
            var ofKeyLease = hold.DrawsOnKeyLease ? hold.Key.Lease.Charge(charged, hold.Limit!.Value.IncludeByok ? byokCost : 0) : 0;
            return (charged, ofKeyLease, hold.Key.Day, ended);
        }
    }

    /// <summary>What a charge needs beyond its hold, if that is more than is free here; zero where it is not, or the account is not shared.</summary>
    public long Lacks(Hold hold, long due, int today)
    {
        if (!leased || due <= hold.Reserved)
        {
            return 0;
        }

        lock (_lock)
        {
            var more = due - hold.Reserved;
            return more > Math.Min(Free, KeyFree(hold.Key, hold.Limit, today)) ? more : 0;
        }
    }

    /// <summary>The charge is durable.</summary>
    public void Commit(KeySpend key, long charged, long ofKeyLease)
    {
        lock (_lock)
        {
            _pending -= charged;
            _used = checked(_used + charged);
            if (leased)
            {
                _reserved -= charged;
                key.Lease.Commit(ofKeyLease);
            }
        }
    }

    /// <summary>The charge was not written: it never happened.</summary>
    public void TakeBack(KeySpend key, int day, long charged, long byokCost, long ofKeyLease)
    {
        lock (_lock)
        {
            _pending -= charged;
            key.Add(day, -charged, -byokCost);
            key.Lease.TakeBack(ofKeyLease);
        }
    }

    /// <summary>Takes over what the database holds. Called under the write lease, so no commit is between the read and this.</summary>
    public void Load(LedgerRow row)
    {
        lock (_lock)
        {
            _credited = row.Credited;
            _used = row.Used;
            _purchased = row.Purchased;
        }
    }

    /// <summary>Keeps a withdrawal aside until it is posted; false when it is not free.</summary>
    public bool TryReserve(long amount)
    {
        lock (_lock)
        {
            if (amount > Free)
            {
                return false;
            }

            _held += amount;
            return true;
        }
    }

    /// <summary>The withdrawal of <see cref="TryReserve"/> was posted, or not.</summary>
    public void Unreserve(long amount)
    {
        lock (_lock)
        {
            _held -= amount;
        }
    }

    public AccountBalance Snapshot()
    {
        lock (_lock)
        {
            return new(new(_credited), new(_used), new(_purchased), new(_pending), new(_held));
        }
    }

    public KeySpend? FindKey(long keyId)
    {
        lock (_lock)
        {
            return _keys.GetValueOrDefault(keyId);
        }
    }

    /// <summary>Keeps a key just read from the database, unless another caller was first.</summary>
    public KeySpend AddKey(KeySpend key)
    {
        lock (_lock)
        {
            return _keys.TryAdd(key.KeyId, key) ? key : _keys[key.KeyId];
        }
    }

    public KeyUsage Snapshot(KeySpend key, int today)
    {
        lock (_lock)
        {
            key.MoveTo(today);
            return key.Snapshot();
        }
    }

    private long KeyFree(KeySpend key, KeyLimit? limit, int today)
    {
        if (limit is not { } cap)
        {
            return long.MaxValue;
        }

        key.MoveTo(today);
        // What other nodes charge the key with is known to the lease; what this node sees counts as well, as soon as the limit changes.
        return leased ? Math.Min(key.Lease.FreeUnder(cap), key.FreeUnder(cap)) : key.FreeUnder(cap);
    }

    private void Set(Hold hold, long amount)
    {
        _held += amount;
        hold.Key.Held += amount;
        hold.Key.Lease.Held += hold.DrawsOnKeyLease ? amount : 0;
    }

    private void GiveBack(Hold hold)
    {
        Set(hold, -hold.Reserved);
        hold.Reserved = 0;
        hold.Open = false;
    }
}
