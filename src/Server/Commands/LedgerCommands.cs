using System.CommandLine;
using Fairlead.Server.Control;
using Fairlead.Storage;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead ledger verify</c> and <c>release-node</c>.</summary>
internal static class LedgerCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var verify = new Command("verify", "Recomputes every balance from its entries and checks every invariant, one line each. Exit 1 when one is broken.");
        verify.SetAction((line, cancellationToken) => AdminInvocation.RunAsync(common.Read(line), new VerifyLedger(), line, cancellationToken));
        var node = new Argument<string>("ID") { Description = "The node: what the file node-id in its data folder holds." };
        node.Validators.Add(argument =>
        {
            if (argument.Tokens.Count == 1 && !NodeId.IsWellFormed(argument.Tokens[0].Value))
                argument.AddError("ID is the text in the node's file node-id: 16 to 64 letters and digits.");
        });
        var release = new Command(
            "release-node",
            "Gives up a node that does not run any more: its requests in flight are recorded as cancelled, the credits it had reserved are free. Takes some seconds.") { node };
        release.SetAction((line, cancellationToken) =>
            AdminInvocation.RunAsync(common.Read(line), new ReleaseNode(line.GetRequiredValue(node)), line, cancellationToken));
        var ledger = new Command("ledger", "The ledger.") { verify, release };
        root.Add(ledger);
    }
}
