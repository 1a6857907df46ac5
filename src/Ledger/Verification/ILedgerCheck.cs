using System.Data.Common;

namespace Fairlead.Ledger.Verification;

/// <summary>One named check of <c>ledger verify</c>. Other rooms register theirs, which run after the ledger's own.</summary>
public interface ILedgerCheck
{
    /// <summary>The invariant, M1 to M6, <c>file</c> or <c>cost</c>.</summary>
    string Name { get; }

    /// <summary>What holds when nothing is found.</summary>
    string Claim { get; }

    /// <summary>Looks, on a connection whose reads all see the same commit.</summary>
    void Run(DbConnection connection, Findings findings);
}
