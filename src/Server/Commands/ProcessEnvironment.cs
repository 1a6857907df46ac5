namespace Fairlead.Server.Commands;

/// <summary>Environment variables as the program sees them; tests pass their own set.</summary>
internal class ProcessEnvironment
{
    /// <summary>The value of a variable; null when unset or empty.</summary>
    public virtual string? Get(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
