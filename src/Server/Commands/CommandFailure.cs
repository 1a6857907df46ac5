namespace Fairlead.Server.Commands;

/// <summary>
/// Ends a command with one sentence for the person at the terminal and an exit code. Thrown only by the command line and start-up code, where there
/// is nobody but the operator to tell.
/// </summary>
internal sealed class CommandFailure(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>See <see cref="Commands.ExitCode"/>.</summary>
    public int ExitCode => exitCode;
}
