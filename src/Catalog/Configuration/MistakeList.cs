namespace Fairlead.Catalog.Configuration;

/// <summary>
/// Collects mistakes (or warnings). Keeps the first thousand and counts the rest: finding a line costs a pass over the document, and nobody
/// reads further.
/// </summary>
internal sealed class MistakeList
{
    private const int Most = 1000;
    private readonly List<ConfigurationMistake> items = [];
    private int omitted;

    public int Count => items.Count + omitted;

    public void Add(SourcePoint at, string reason, string? member = null)
    {
        if (items.Count < Most)
            items.Add(at.Mistake(reason, member));
        else
            omitted++;
    }

    public void Add(ConfigurationMistake mistake)
    {
        if (items.Count < Most)
            items.Add(mistake);
        else
            omitted++;
    }

    /// <summary>Whether something at exactly this path was reported.</summary>
    public bool Has(string path) => items.Exists(m => m.Path == path);

    /// <summary>All that was kept, by document in the order given, then by line.</summary>
    public IReadOnlyList<ConfigurationMistake> InOrder(IReadOnlyList<ConfigurationDocument> documents)
    {
        var order = documents.Select((document, at) => (document.Name, at)).DistinctBy(d => d.Name).ToDictionary(d => d.Name, d => d.at, StringComparer.Ordinal);
        var sorted = items.OrderBy(m => order.GetValueOrDefault(m.File, int.MaxValue)).ThenBy(m => m.Line).ThenBy(m => m.Column).ToList();
        if (omitted > 0)
            sorted.Add(new(sorted[^1].File, sorted[^1].Line, 1, "", FormattableString.Invariant($"and {omitted} more.")));
        return sorted;
    }
}
