using System.CommandLine;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Commands;

/// <summary>The options every command takes.</summary>
internal sealed class CommonOptions(ProcessEnvironment environment)
{
    private readonly Option<string?> data = new("--data")
    {
        Description = "Folder of this installation. Default ./data, or FAIRLEAD_DATA.", HelpName = "DIR", Recursive = true,
    };

    private readonly Option<string?> database = new("--database")
    {
        Description = "Database: \"sqlite:FILE\" or \"postgres://USER:PASSWORD@HOST/DATABASE\". Default: a file in the data folder, or FAIRLEAD_DATABASE.",
        HelpName = "CONN", Recursive = true,
    };

    private readonly Option<string[]> config = new("--config")
    {
        Description = "Configuration file; repeat it for several, later ones win. Default: FAIRLEAD_CONFIG, files separated by \";\".",
        HelpName = "FILE", Recursive = true, Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Where variables are read.</summary>
    public ProcessEnvironment Environment => environment;

    /// <summary>Adds them to the root; they are valid on every command below.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(data);
        root.Add(database);
        root.Add(config);
    }

    /// <summary>The installation meant.</summary>
    public Installation Read(ParseResult line) =>
        Installation.From(line.GetValue(data), line.GetValue(database), line.GetValue(config), environment);
}
