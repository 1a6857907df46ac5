namespace Fairlead.Catalog.Configuration;

/// <summary>
/// One instance per distinct text or list of texts while layers are read. The shipped catalog repeats a few hundred names thousands of
/// times; sharing them keeps the snapshot small.
/// </summary>
internal sealed class TextPool
{
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> byCharacters;
    private readonly Dictionary<string, IReadOnlyList<string>> lists = new(StringComparer.Ordinal);

    public TextPool() => byCharacters = texts.GetAlternateLookup<ReadOnlySpan<char>>();

    public string Share(ReadOnlySpan<char> text)
    {
        if (byCharacters.TryGetValue(text, out var known))
            return known;
        var made = text.ToString();
        texts.Add(made, made);
        return made;
    }

    public IReadOnlyList<string> Share(List<string> list)
    {
        if (list.Count == 0)
            return [];
        var key = string.Join('\n', list);
        if (!lists.TryGetValue(key, out var known))
            lists.Add(key, known = list.ToArray());
        return known;
    }
}
