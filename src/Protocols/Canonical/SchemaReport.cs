namespace Fairlead.Protocols.Canonical;

/// <summary>What became of a part of a JSON Schema on its way to a provider.</summary>
public enum SchemaChangeKind
{
    /// <summary>Not said at all.</summary>
    Dropped,
    /// <summary>Said in the description instead, which the model reads and nothing enforces.</summary>
    Described,
    /// <summary>Said so that more is allowed.</summary>
    Widened,
    /// <summary>Said so that less is allowed; whatever is allowed fits the caller's schema.</summary>
    Narrowed,
    /// <summary>Members or items beyond the named ones are no longer allowed.</summary>
    Closed,
    /// <summary>Left out from here on: the schema calls itself, or is too deep or too large.</summary>
    Cut,
    /// <summary>The provider cannot be told the schema: it is asked for without being enforced.</summary>
    NotEnforced,
}

/// <summary>One change to a schema.</summary>
/// <param name="Schema">Which one: <c>response_format</c>, or <c>tools.</c> and the function's name.</param>
/// <param name="Path">Where in the caller's schema, as a JSON pointer after <c>#</c>.</param>
/// <param name="Keyword">What it is about.</param>
/// <param name="Kind">What became of it.</param>
public sealed record SchemaChange(string Schema, string Path, string Keyword, SchemaChangeKind Kind);

/// <summary>Gathers what one attempt changed of the request's schemas, for callers who ask to see it. Not thread-safe.</summary>
public sealed class SchemaReport
{
    /// <summary>The name of the schema of <c>response_format</c>.</summary>
    public const string Answer = "response_format";

    /// <summary>Changes beyond these are not kept.</summary>
    public const int MostChanges = 64;

    private readonly List<SchemaChange> changes = [];

    /// <summary>In the order they were made.</summary>
    public IReadOnlyList<SchemaChange> Changes => changes;

    /// <summary>The name of a function's schema.</summary>
    public static string Tool(string name) => "tools." + name;

    /// <summary>The answer's schema is asked for in words, or only as far as JSON at all.</summary>
    internal void AddNotEnforced() => Add(new SchemaChange(Answer, "#", "schema", SchemaChangeKind.NotEnforced));

    internal void Add(SchemaChange change)
    {
        if (changes.Count < MostChanges)
            changes.Add(change);
    }
}
