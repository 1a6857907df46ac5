using System.Data.Common;

namespace Fairlead.Ledger.Verification;

/// <summary>One named check of <c>ledger verify</c>.</summary>
internal interface ILedgerCheck
{
    /// <summary>The invariant, M1 to M6, or <c>file</c>.</summary>
    string Name { get; }

    /// <summary>What holds when nothing is found.</summary>
    string Claim { get; }

    /// <summary>Looks, on a connection whose reads all see the same commit.</summary>
    void Run(DbConnection connection, Findings findings);
}
