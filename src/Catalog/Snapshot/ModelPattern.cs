namespace Fairlead.Catalog.Snapshot;

/// <summary>
/// Models by pattern (routing §8): a slug, <c>author/*</c>, <c>author/prefix*</c>, <c>*/prefix*</c>, or <c>*</c>. Without regard to case. A wildcard stands for models
/// without a variant; a variant is named whole or behind the wildcard (<c>author/*:free</c> is not a pattern).
/// </summary>
public static class ModelPattern
{
    /// <summary>The text is a pattern: one slash, at most one wildcard per side, the right one at the end.</summary>
    public static bool IsOne(string pattern)
    {
        if (pattern == "*")
            return true;
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == pattern.Length - 1 || pattern.AsSpan(slash + 1).Contains('/') || pattern.AsSpan().ContainsAny(" \t\r\n"))
            return false;
        var author = pattern.AsSpan(0, slash);
        var name = pattern.AsSpan(slash + 1);
        return (author is "*" || !author.Contains('*')) && name.IndexOf('*') is var star && (star < 0 || star == name.Length - 1);
    }

    /// <summary>The pattern stands for this slug.</summary>
    public static bool Matches(string pattern, string slug)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal))
            return pattern.Equals(slug, StringComparison.OrdinalIgnoreCase);
        if (slug.Contains(':', StringComparison.Ordinal))
            return false;
        if (pattern == "*")
            return true;
        var (at, of) = (pattern.IndexOf('/', StringComparison.Ordinal), slug.IndexOf('/', StringComparison.Ordinal));
        if (at < 0 || of < 0)
            return false;
        return Side(pattern.AsSpan(0, at), slug.AsSpan(0, of)) && Side(pattern.AsSpan(at + 1), slug.AsSpan(of + 1));
    }

    private static bool Side(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => pattern is [.. var start, '*']
        ? text.StartsWith(start, StringComparison.OrdinalIgnoreCase)
        : text.Equals(pattern, StringComparison.OrdinalIgnoreCase);
}
