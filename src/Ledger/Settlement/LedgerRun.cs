using Fairlead.Storage;

namespace Fairlead.Ledger.Settlement;

/// <summary>One run of one node: from a start of the ledger to its end.</summary>
/// <param name="BootId">The row of <c>ledger_boots</c>.</param>
/// <param name="Node">Which node runs.</param>
/// <param name="NodeRun">Which run of it, in the row of <c>nodes</c>: charges draw on its leases only while that is so.</param>
internal readonly record struct LedgerRun(long BootId, NodeId Node, string NodeRun);
