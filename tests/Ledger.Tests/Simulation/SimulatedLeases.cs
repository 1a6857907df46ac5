using Fairlead.Ledger.Leases;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>The database of <see cref="LeaseSimulation"/>: balances, what nodes have reserved of them, and its own refusals.</summary>
internal sealed class SimulatedLeases(int accounts, int keysPerAccount, int nodes)
{
    private readonly long[] _balances = new long[accounts];
    private readonly long[,] _reserved = new long[accounts, nodes];
    private readonly long[,] _keyReserved = new long[accounts * keysPerAccount, nodes];
    private readonly long[] _runs = new long[nodes];
    private readonly SortedDictionary<int, long>[] _days = [.. Enumerable.Range(0, accounts * keysPerAccount).Select(static _ => new SortedDictionary<int, long>())];

    /// <summary>What each generation was charged.</summary>
    public Dictionary<int, long> Charges { get; } = [];

    /// <summary>Differs when anything differs.</summary>
    public long Trace => unchecked((_balances.Sum() * 31) + _reserved.Cast<long>().Sum());

    public SortedDictionary<int, long> Days(int key) => _days[key];

    public long RunOf(int node) => _runs[node];

    public long SetRun(int node, long run) => _runs[node] = run;

    public long ReservedOf(int key) => Enumerable.Range(0, nodes).Sum(node => _keyReserved[key, node]);

    public (long Account, Dictionary<long, long> Keys) Leases(int node, int account) => (
        _reserved[account, node],
        Enumerable.Range(account * keysPerAccount, keysPerAccount).ToDictionary(static key => (long)key, key => _keyReserved[key, node]));

    /// <summary>A withdrawal of what nodes have reserved is refused.</summary>
    public void Post(int account, long amount)
    {
        if (amount > 0 || _balances[account] + amount >= Reserved(account))
            _balances[account] += amount;
    }

    /// <returns>Null when this run of the node is over.</returns>
    public ReservePlan? Reserve(int node, long run, int account, long inHand, List<KeyAsked> asked, Want want)
    {
        if (_runs[node] != run)
            return null;
        foreach (var key in asked)
            _keyReserved[key.Key.KeyId, node] -= key.GivenUp;
        var plan = ReservePlan.Make(
            _balances[account] - Reserved(account), inHand,
            asked.Select(key => (key.Key.KeyId, key.Limit.Amount.PicoDollars - _days[key.Key.KeyId].Where(day => day.Key >= key.Since).Sum(static day => day.Value) - ReservedOf((int)key.Key.KeyId), key.InHand)),
            [want]);
        _reserved[account, node] += plan.Taken;
        foreach (var (key, part) in plan.Keys)
            _keyReserved[key, node] += part.Taken;
        return plan;
    }

    /// <returns>False when this run of the node is over.</returns>
    public bool HandBack(int node, long run, int account, long amount, IEnumerable<(int Key, long Amount)> keys)
    {
        if (_runs[node] != run)
            return false;
        _reserved[account, node] -= amount;
        foreach (var (key, ofKey) in keys)
            _keyReserved[key, node] -= ofKey;
        return true;
    }

    /// <returns>False when the node's leases do not cover it, or its run is over.</returns>
    public bool Commit(int node, long run, SimulatedCharge charge, long ofKeyLease)
    {
        if (_runs[node] != run || _reserved[charge.Account, node] < charge.Charged || _keyReserved[charge.Key, node] < ofKeyLease)
            return false;
        LeaseSimulation.Ensure(Charges.TryAdd(charge.Generation, charge.Charged), $"M2: generation {charge.Generation} is charged twice");
        _reserved[charge.Account, node] -= charge.Charged;
        _keyReserved[charge.Key, node] -= ofKeyLease;
        _balances[charge.Account] -= charge.Charged;
        _days[charge.Key][charge.Day] = _days[charge.Key].GetValueOrDefault(charge.Day) + charge.Charged;
        return true;
    }

    /// <summary>Reserves what a charge draws that was shown: of the account as far as it goes, of the key in any case.</summary>
    /// <returns>How much of it is covered.</returns>
    public long Cover(int node, SimulatedCharge charge, long ofKeyLease)
    {
        var before = _reserved[charge.Account, node];
        var taken = Math.Clamp(charge.Charged - before, 0, Math.Max(0, _balances[charge.Account] - Reserved(charge.Account)));
        _reserved[charge.Account, node] += taken;
        _keyReserved[charge.Key, node] = Math.Max(_keyReserved[charge.Key, node], ofKeyLease);
        return Math.Min(charge.Charged, before + taken);
    }

    /// <summary>Everything reserved in a node's name is free.</summary>
    public void Free(int node)
    {
        for (var account = 0; account < accounts; account++)
            _reserved[account, node] = 0;
        for (var key = 0; key < accounts * keysPerAccount; key++)
            _keyReserved[key, node] = 0;
    }

    public void Check(int account)
    {
        for (var node = 0; node < nodes; node++)
            LeaseSimulation.Ensure(_reserved[account, node] >= 0, $"M4: node {node} has {_reserved[account, node]} reserved of account {account}");
        LeaseSimulation.Ensure(_balances[account] >= Reserved(account), $"M4: account {account} has {_balances[account]} and nodes have reserved {Reserved(account)}");
    }

    private long Reserved(int account) => Enumerable.Range(0, nodes).Sum(node => _reserved[account, node]);
}
