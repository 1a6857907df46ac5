namespace Fairlead.Ledger.Holds;

/// <summary>A customer's row of <c>ledger_accounts</c>, in units of 10⁻¹² dollars.</summary>
internal readonly record struct LedgerRow(long Credited, long Used, long Purchased);
