using System.CommandLine;
using System.CommandLine.Invocation;
using Fairlead.Storage;

namespace Fairlead.Server.Commands;

/// <summary>The command line: <c>serve</c> when no command is named, and the operator's commands.</summary>
internal static class CommandTree
{
    /// <summary>Runs one command line to its exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error, ProcessEnvironment environment)
    {
        var line = Build(environment).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // `serve` drains on SIGTERM by itself.
        };
        try
        {
            var exitCode = await line.InvokeAsync(configuration);
            return line.Action is ParseErrorAction ? ExitCode.Usage : exitCode;
        }
        catch (CommandFailure failure)
        {
            await error.WriteLineAsync("fairlead: " + failure.Message);
            return failure.ExitCode;
        }
        catch (StorageException failure)
        {
            await error.WriteLineAsync("fairlead: " + failure.Message);
            return ExitCode.NoDatabase;
        }
    }

    private static RootCommand Build(ProcessEnvironment environment)
    {
        var common = new CommonOptions(environment);
        var root = new RootCommand("Fairlead: one API for every model and provider, on your own machine. Without a command it serves.");
        common.AddTo(root);
        ServeCommand.AddTo(root, common);
        KeysCommands.AddTo(root, common);
        CreditsCommands.AddTo(root, common);
        CatalogCommands.AddTo(root, common);
        RouteCommands.AddTo(root, common);
        LedgerCommands.AddTo(root, common);
        MigrateCommand.AddTo(root, common);
        return root;
    }
}
