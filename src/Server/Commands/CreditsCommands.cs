using System.CommandLine;
using Fairlead.Server.Control;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead credits add</c>.</summary>
internal static class CreditsCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var account = new Option<string?>("--account") { Description = "The account's number. Default: the first account.", HelpName = "A" };
        var amount = KeysCommands.UsdOption("--amount", "US dollars; a negative amount takes credits back.", lowest: -9_000_000m, zero: false);
        amount.Required = true;
        var note = new Option<string>("--note") { Description = "Why, for the statement.", HelpName = "T", Required = true };
        note.Validators.Add(option =>
        {
            if (option.Tokens.Count == 1 && option.Tokens[0].Value.Trim().Length is 0 or > 500)
                option.AddError("--note takes 1 to 500 characters.");
        });

        var add = new Command("add", "Posts credits to an account.") { account, amount, note };
        add.SetAction((line, cancellationToken) => AdminInvocation.RunAsync(
            common.Read(line),
            new AddCredits(
                line.GetValue(account), line.GetRequiredValue(amount)!.Value, line.GetRequiredValue(note).Trim(), "cli-" + Guid.CreateVersion7().ToString("N")),
            line,
            cancellationToken));

        var credits = new Command("credits", "Prepaid credits.") { add };
        root.Add(credits);
    }
}
