namespace Fairlead.Server.Commands;

/// <summary>Exit codes of the program, as the operator contract fixes them.</summary>
internal static class ExitCode
{
    /// <summary>The command did what it says.</summary>
    public const int Done = 0;
    /// <summary>The checked thing is wrong: a ledger that does not add up, a configuration file with a mistake, a key that does not exist.</summary>
    public const int Wrong = 1;
    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;
    /// <summary>The database, or the folder it lives in, cannot be used.</summary>
    public const int NoDatabase = 3;
}
