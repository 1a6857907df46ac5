using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>A fault to build into the simulated database, to see that the simulation finds it.</summary>
public enum Flaw
{
    /// <summary>None.</summary>
    None,
    /// <summary>A settlement sent twice is charged twice.</summary>
    ChargesDuplicates,
    /// <summary>A commit that failed was acknowledged.</summary>
    AcknowledgesFailures,
    /// <summary>The day of a charge is lost: key windows start at zero after a crash.</summary>
    ForgetsKeyUsage,
}

/// <summary>What survives a crash: committed charges by generation, an account's totals and each key's spend by day.</summary>
internal sealed class SimulatedDatabase(Flaw flaw)
{
    private readonly Dictionary<int, LedgerRow> _accounts = [];
    private readonly Dictionary<int, SortedDictionary<int, long>> _keyDays = [];
    private readonly Dictionary<int, long> _charges = [];

    /// <summary>What each generation was charged.</summary>
    public IReadOnlyDictionary<int, long> Charges => _charges;

    public LedgerRow Row(int account) => _accounts.GetValueOrDefault(account);

    public SortedDictionary<int, long> Days(int key) => _keyDays.TryGetValue(key, out var days) ? days : _keyDays[key] = [];

    public void Post(int account, long amount) => _accounts[account] = Row(account) with { Credited = Row(account).Credited + amount };

    /// <returns>The first cost when the generation was there already.</returns>
    public long? Commit(SimulatedCharge charge)
    {
        if (_charges.TryGetValue(charge.Generation, out var first) && flaw is not Flaw.ChargesDuplicates)
            return first;
        _charges[charge.Generation] = charge.Charged;
        _accounts[charge.Account] = Row(charge.Account) with { Used = Row(charge.Account).Used + charge.Charged };
        if (flaw is not Flaw.ForgetsKeyUsage)
            Days(charge.Key)[charge.Day] = Days(charge.Key).GetValueOrDefault(charge.Day) + charge.Charged;
        return null;
    }
}

/// <summary>A charge decided in memory, on its way to the database.</summary>
internal sealed record SimulatedCharge(int Generation, int Account, int Key, long Charged, int Day);
