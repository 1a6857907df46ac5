using System.CommandLine;
using Fairlead.Server.Control;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead ledger verify</c>.</summary>
internal static class LedgerCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var verify = new Command("verify", "Recomputes every balance from its entries and checks every invariant, one line each. Exit 1 when one is broken.");
        verify.SetAction((line, cancellationToken) => AdminInvocation.RunAsync(common.Read(line), new VerifyLedger(), line, cancellationToken));
        var ledger = new Command("ledger", "The ledger.") { verify };
        root.Add(ledger);
    }
}
