namespace Fairlead.Storage;

/// <summary>
/// Which node a process is, for what several nodes on one database keep apart: requests in flight, leases. The same after a restart on the same data folder,
/// and never the same for two processes that run at once.
/// </summary>
public sealed record NodeId
{
    /// <summary>Throws <see cref="ArgumentException"/> unless <paramref name="value"/> is 16 to 64 letters and digits.</summary>
    public NodeId(string value)
    {
        if (!IsWellFormed(value))
        {
            throw new ArgumentException("A node id is 16 to 64 letters and digits.", nameof(value));
        }

        Value = value;
    }

    /// <summary>Its text.</summary>
    public string Value { get; }

    /// <summary>Whether a text can be a node id.</summary>
    public static bool IsWellFormed(string value) => value.Length is >= 16 and <= 64 && value.All(char.IsAsciiLetterOrDigit);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
