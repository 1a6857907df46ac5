using Fairlead.Ledger.Leases;

namespace Fairlead.Ledger.Holds;

/// <summary>What a node has reserved of an account that several share: taken in blocks, handed back when it is not used.</summary>
internal sealed partial class AccountFunds
{
    /// <summary>One of reserving, handing back and comparing with the database at a time.</summary>
    public SemaphoreSlim LeaseGate { get; } = new(1, 1);

    /// <summary>Looks of the sweeper in a row that found the account unused. The sweeper's own.</summary>
    public int UnusedLooks { get; set; }

    /// <summary>What is reserved here and not promised.</summary>
    public long InHand
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(0, Free);
            }
        }
    }

    /// <summary>Whether memory and database may differ in what is reserved, after a failure whose outcome is not known.</summary>
    public bool InDoubt
    {
        get
        {
            lock (_lock)
            {
                return _inDoubt;
            }
        }
    }

    /// <summary>Whether charges of the account are in the journal: what the database says of it is not all that happened.</summary>
    public bool HasKept
    {
        get
        {
            lock (_lock)
            {
                return _kept > 0;
            }
        }
    }

    /// <summary>A charge went to the journal and stays pending.</summary>
    public void Keep()
    {
        lock (_lock)
        {
            _kept++;
        }
    }

    /// <summary>The database refused it: it is certain what the rows say of it.</summary>
    public void Unkeep()
    {
        lock (_lock)
        {
            _kept--;
        }
    }

    /// <summary>A charge of the journal is durable in the database.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="charged">What was charged.</param>
    /// <param name="ofKeyLease">What it drew from the key's lease.</param>
    /// <param name="isCertain">False where memory cannot know when it was drawn.</param>
    public void CommitKept(KeySpend key, long charged, long ofKeyLease, bool isCertain)
    {
        lock (_lock)
        {
            _kept--;
            Commit(key, charged, ofKeyLease);
            _inDoubt |= leased && !isCertain;
        }
    }

    /// <summary>Whether anything was asked of the account since the last call.</summary>
    public bool TakeTouched()
    {
        lock (_lock)
        {
            var touched = _touched;
            _touched = false;
            return touched;
        }
    }

    /// <summary>What to ask of the database for a limited key. What was reserved under another cap is given up, to be judged anew.</summary>
    public KeyAsked Ask(KeySpend key, KeyLimit limit, int today)
    {
        lock (_lock)
        {
            key.MoveTo(today);
            var givenUp = key.Lease.IsUnder(limit) ? 0 : key.Lease.TakeIdle();
            return new(key, limit, key.FirstDayOf(limit.Window), key.Lease.Idle, givenUp);
        }
    }

    /// <summary>The database has reserved it.</summary>
    public void Grant(ReservePlan plan, IReadOnlyList<KeyAsked> keys)
    {
        lock (_lock)
        {
            _reserved = checked(_reserved + plan.Taken);
            foreach (var (key, limit, _, _, _) in keys)
            {
                key.Lease.Grant(plan.Keys[key.KeyId].Taken, limit);
            }
        }
    }

    /// <summary>What is reserved here of a key and not promised.</summary>
    public long InHandOf(KeySpend key)
    {
        lock (_lock)
        {
            return key.Lease.Idle;
        }
    }

    /// <summary>Takes everything out that is promised to nobody: to be handed back.</summary>
    public IdlePart TakeIdle()
    {
        lock (_lock)
        {
            var amount = Math.Max(0, Free);
            _reserved -= amount;
            List<(KeySpend, long)> keys = [];
            foreach (var key in _keys.Values)
            {
                if (key.Lease.TakeIdle() is > 0 and var idle)
                {
                    keys.Add((key, idle));
                }
            }

            return new(this, amount, keys);
        }
    }

    /// <summary>Memory may differ from the database now.</summary>
    public void Doubt()
    {
        lock (_lock)
        {
            _inDoubt = leased;
        }
    }

    /// <summary>
    /// Takes over what the database holds, under the write lease and the <see cref="LeaseGate"/>: nothing of it changes meanwhile.
    /// </summary>
    public void SetReserved(long account, IReadOnlyDictionary<long, long> keys)
    {
        lock (_lock)
        {
            _reserved = account;
            foreach (var key in _keys.Values)
            {
                key.Lease.Reserved = keys.GetValueOrDefault(key.KeyId);
            }

            _inDoubt = false;
        }
    }
}
