using System.Numerics;
using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Snapshot;

/// <summary>
/// Finds ids that resemble a mistyped one. Pairs of neighbouring letters, hashed to one bit each, pick a few candidates from the whole
/// list; only those are compared letter by letter.
/// </summary>
internal sealed class NearestIds(IReadOnlyList<Model> models)
{
    private const int Candidates = 24;
    private readonly (string Id, UInt128 Pairs)[] ids = [.. models.Select(m => (m.Id, PairsOf(m.Id)))];

    public IReadOnlyList<string> Find(string slug, int count)
    {
        if (slug.Length == 0 || count <= 0)
            return [];
        var asked = slug.AsSpan()[..Math.Min(slug.Length, Spelling.MaxLength)];
        var pairs = PairsOf(asked);
        var best = new PriorityQueue<string, int>(Candidates + 1);
        foreach (var (id, known) in ids)
        {
            var common = Count(pairs & known);
            best.Enqueue(id, (200 * common / Math.Max(1, Count(pairs) + Count(known))));
            if (best.Count > Candidates)
                best.Dequeue();
        }

        var found = new List<(string Id, int Distance)>(Candidates);
        while (best.TryDequeue(out var id, out var likeness))
        {
            if (likeness > 25)
                found.Add((id, Spelling.Distance(asked, id)));
        }

        return [.. found.OrderBy(f => f.Distance).ThenBy(f => f.Id, StringComparer.Ordinal).Take(count).Select(f => f.Id)];
    }

    private static int Count(UInt128 bits) => BitOperations.PopCount((ulong)bits) + BitOperations.PopCount((ulong)(bits >> 64));

    private static UInt128 PairsOf(ReadOnlySpan<char> text)
    {
        var bits = UInt128.Zero;
        for (var i = 1; i < text.Length; i++)
        {
            var pair = (char.ToLowerInvariant(text[i - 1]) * 31) + char.ToLowerInvariant(text[i]);
            bits |= UInt128.One << (pair & 127);
        }

        return bits;
    }
}
