using Fairlead.Storage;

namespace Fairlead.Ledger.Settlement;

/// <summary>One run of one node: from a start of the ledger to its end.</summary>
/// <param name="BootId">The row of <c>ledger_boots</c>.</param>
/// <param name="Node">Which node runs.</param>
internal readonly record struct LedgerRun(long BootId, NodeId Node);
