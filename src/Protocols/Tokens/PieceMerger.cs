using System.Runtime.CompilerServices;

namespace Fairlead.Protocols.Tokens;

/// <summary>Merges the bytes of a short piece: the adjacent pair of lowest rank first, the leftmost of equals, until no pair is a token.</summary>
internal static class PieceMerger
{
    /// <summary>Longer pieces go to <see cref="LongPieceMerger"/>: looking for the minimum again after each merge is quadratic.</summary>
    public const int MaxBytes = 64;

    /// <summary>The number of tokens of a piece of at most <see cref="MaxBytes"/>; the ids too where a list is given.</summary>
    [SkipLocalsInit]
    public static int Merge(Vocabulary words, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        // starts[i] is where part i begins, ranks[i] the rank of parts i and i + 1 together.
        Span<int> starts = stackalloc int[MaxBytes + 1];
        Span<int> ranks = stackalloc int[MaxBytes];
        var parts = piece.Length;
        for (var i = 0; i < parts - 1; i++)
        {
            starts[i] = i;
            ranks[i] = words.FindPair(piece[i], piece[i + 1]);
        }

        starts[parts - 1] = parts - 1;
        starts[parts] = parts;
        while (parts > 1)
        {
            var best = 0;
            for (var i = 1; i < parts - 1; i++)
            {
                if (ranks[i] < ranks[best])
                    best = i;
            }

            if (ranks[best] == Vocabulary.None)
                break;
            starts[(best + 2)..(parts + 1)].CopyTo(starts[(best + 1)..]);
            if (best + 2 < parts)
                ranks[(best + 2)..(parts - 1)].CopyTo(ranks[(best + 1)..]);
            parts--;
            if (best < parts - 1)
                ranks[best] = words.Find(piece[starts[best]..starts[best + 2]]);
            if (best > 0)
                ranks[best - 1] = words.Find(piece[starts[best - 1]..starts[best + 1]]);
        }

        for (var i = 0; ids is not null && i < parts; i++)
            ids.Add(words.Find(piece[starts[i]..starts[i + 1]]));
        return parts;
    }
}
