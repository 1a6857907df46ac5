namespace Fairlead.Storage.Nodes;

/// <summary>What one node told the others.</summary>
/// <param name="From">Who sent it.</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Text">The rest.</param>
public readonly record struct NodeMessage(string From, string Topic, string Text)
{
    /// <summary>The longest notice the server takes is 7,999 bytes (https://www.postgresql.org/docs/15/sql-notify.html).</summary>
    private const int MostBytes = 7999;

    /// <summary>As it travels.</summary>
    internal static string Write(NodeId from, string topic, string text)
    {
        var written = $"{from} {topic} {text}";
        return System.Text.Encoding.UTF8.GetByteCount(written) <= MostBytes
            ? written
            : throw new ArgumentException("A message between nodes is at most about 7,900 bytes long.", nameof(text));
    }

    /// <summary>Reads it; false when it is none of ours.</summary>
    internal static bool TryRead(string written, out NodeMessage message)
    {
        var parts = written.Split(' ', 3);
        message = parts.Length == 3 ? new(parts[0], parts[1], parts[2]) : default;
        return parts.Length == 3;
    }
}
