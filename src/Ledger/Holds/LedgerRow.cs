namespace Fairlead.Ledger.Holds;

/// <summary>A customer's row of <c>ledger_accounts</c>, in units of 10⁻¹² dollars.</summary>
/// <param name="Credited">Everything ever credited, less refunds and expiry.</param>
/// <param name="Used">Everything ever charged.</param>
/// <param name="Purchased">What was paid for, or posted by the operator.</param>
/// <param name="Reserved">What nodes that share the database have reserved for themselves.</param>
internal readonly record struct LedgerRow(long Credited, long Used, long Purchased, long Reserved = 0);
