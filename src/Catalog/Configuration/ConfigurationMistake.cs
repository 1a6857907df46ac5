namespace Fairlead.Catalog.Configuration;

/// <summary>One thing wrong in a configuration file. Holds no values of the file that could be a secret.</summary>
/// <param name="File">The file as named by the operator, or the name of a built-in layer.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Path">Where in the document: <c>models[2].endpoints[0].pricing.prompt</c>; empty for the document itself.</param>
/// <param name="Reason">What is wrong and what would be right, as one sentence.</param>
public sealed record ConfigurationMistake(string File, int Line, int Column, string Path, string Reason)
{
    /// <summary><c>file:line:column: path: reason</c></summary>
    public override string ToString() => Path.Length == 0 ? $"{File}:{Line}:{Column}: {Reason}" : $"{File}:{Line}:{Column}: {Path}: {Reason}";
}

/// <summary>One document of configuration: a file's bytes, or a layer another room makes (a discovered local server, the demonstration).</summary>
/// <param name="Name">What mistakes are reported under.</param>
/// <param name="Json">UTF-8 JSON; comments and trailing commas allowed.</param>
public sealed record ConfigurationDocument(string Name, ReadOnlyMemory<byte> Json)
{
    /// <summary>The most one document may hold: 16 MiB.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>It says what servers answered, not what anybody decided.</summary>
    internal bool Discovered { get; init; }
}
