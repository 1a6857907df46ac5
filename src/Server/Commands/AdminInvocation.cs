using System.CommandLine;
using Fairlead.Server.Control;
using Fairlead.Server.Settings;

namespace Fairlead.Server.Commands;

/// <summary>Carries an operator's command out: through the running server where there is one, else on the database itself.</summary>
internal static class AdminInvocation
{
    /// <summary>
    /// Runs it, prints what came of it, and gives the exit code. A command that looks at the catalog gives the environment it is made from.
    /// </summary>
    public static async Task<int> RunAsync(Installation installation, AdminCommand command, ParseResult line, CancellationToken cancellationToken, ProcessEnvironment? environment = null)
    {
        var answer = await ControlClient.TryAsync(installation, command, cancellationToken)
            ?? await OfflineAdministration.RunAsync(installation, command, environment, cancellationToken);
        foreach (var text in answer.Output)
            await line.InvocationConfiguration.Output.WriteLineAsync(text);
        if (answer.Error is { } error)
            await line.InvocationConfiguration.Error.WriteLineAsync("fairlead: " + error);
        return answer.ExitCode;
    }
}
