using Fairlead.Ledger.Holds;

namespace Fairlead.Ledger.Leases;

/// <summary>What a node has reserved and promised to nobody, taken out of its memory to be handed back.</summary>
internal readonly record struct IdlePart(AccountFunds Funds, long Amount, IReadOnlyList<(KeySpend Key, long Amount)> Keys)
{
    public bool IsNothing => Amount == 0 && Keys.Count == 0;
}
