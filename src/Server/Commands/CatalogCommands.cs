using System.CommandLine;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Reports;

namespace Fairlead.Server.Commands;

/// <summary><c>fairlead catalog validate</c>. Needs neither a server nor a database.</summary>
internal static class CatalogCommands
{
    /// <summary>Adds the commands.</summary>
    public static void AddTo(RootCommand root, CommonOptions common)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Configuration files, checked together in this order on top of the shipped catalog.", Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Also list every model and endpoint, and why one is never used. FILE may be left out." };
        var validate = new Command("validate", "Checks configuration files; names file, line and reason of every mistake.") { files, all };
        validate.Validators.Add(command =>
        {
            if (command.GetResult(files) is null or { Tokens.Count: 0 } && !command.GetValue(all))
                command.AddError("Give at least one FILE, or --all to list the shipped catalog.");
        });
        validate.SetAction(line =>
        {
            _ = common.Read(line); // Checked like everywhere; this command needs neither folder nor database.
            var outcome = new CatalogLoader(common.Environment.Get).Load(line.GetValue(files) ?? [], layers: []);
            return CatalogReport.Write(outcome, line.GetValue(all), line.InvocationConfiguration.Output) == 0 ? ExitCode.Done : ExitCode.Wrong;
        });
        root.Add(new Command("catalog", "Models, providers and prices.") { validate });
    }
}
