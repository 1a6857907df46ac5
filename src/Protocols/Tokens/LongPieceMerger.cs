using System.Buffers;

namespace Fairlead.Protocols.Tokens;

/// <summary>
/// The same merging for pieces that only hostile or odd texts have (a megabyte of one letter): a heap of candidate merges, n log n instead of
/// n². Pieces over <see cref="MaxBytes"/> are cut there, which bounds memory (0.7 MB rented) and can add a token or two per cut.
/// </summary>
internal static class LongPieceMerger
{
    /// <summary>Most bytes merged at once.</summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>The number of tokens of a piece of any length; the ids too where a list is given.</summary>
    public static int Merge(Vocabulary words, ReadOnlySpan<byte> piece, List<int>? ids)
    {
        var count = 0;
        while (!piece.IsEmpty)
        {
            var length = Math.Min(piece.Length, MaxBytes);
            var links = ArrayPool<Part>.Shared.Rent(length);
            try
            {
                count += MergeWhole(words, piece[..length], links.AsSpan(0, length), ids);
            }
            finally
            {
                ArrayPool<Part>.Shared.Return(links);
            }

            piece = piece[length..];
        }

        return count;
    }

    private static int MergeWhole(Vocabulary words, ReadOnlySpan<byte> piece, Span<Part> parts, List<int>? ids)
    {
        // A candidate is (rank, start) in one number, so that the order is the one of merging: lowest rank, then leftmost. It is stale when the
        // part at that start no longer has that rank.
        var heap = new CandidateHeap(piece.Length);
        try
        {
            for (var i = 0; i < piece.Length; i++)
            {
                var rank = i + 1 < piece.Length ? words.FindPair(piece[i], piece[i + 1]) : Vocabulary.None;
                parts[i] = new Part { Previous = i - 1, End = i + 1, Rank = rank };
                heap.Push(rank, i);
            }

            var count = piece.Length;
            while (heap.TryPop(out var rank, out var at))
            {
                if (parts[at].Rank != rank)
                    continue;
                var right = parts[at].End;
                var end = parts[right].End;
                parts[right].Rank = Vocabulary.None;
                parts[at].End = end;
                if (end < piece.Length)
                    parts[end].Previous = at;
                count--;
                Rate(words, piece, parts, ref heap, at);
                if (parts[at].Previous >= 0)
                    Rate(words, piece, parts, ref heap, parts[at].Previous);
            }

            for (var at = 0; ids is not null && at < piece.Length; at = parts[at].End)
                ids.Add(words.Find(piece[at..parts[at].End]));
            return count;
        }
        finally
        {
            heap.Release();
        }
    }

    private static void Rate(Vocabulary words, ReadOnlySpan<byte> piece, Span<Part> parts, ref CandidateHeap heap, int at)
    {
        ref var part = ref parts[at];
        part.Rank = part.End < piece.Length ? words.Find(piece[at..parts[part.End].End]) : Vocabulary.None;
        heap.Push(part.Rank, at);
    }

    private struct Part
    {
        /// <summary>Start of the part before, −1 at the beginning.</summary>
        public int Previous;
        /// <summary>End of this part: start of the next.</summary>
        public int End;
        /// <summary>Rank of this part and the next together.</summary>
        public int Rank;
    }

    /// <summary>A binary heap in a rented array.</summary>
    private ref struct CandidateHeap(int capacity)
    {
        private ulong[] items = ArrayPool<ulong>.Shared.Rent(capacity);
        private int count;

        public void Push(int rank, int start)
        {
            if (rank == Vocabulary.None)
                return;
            if (count == items.Length)
                Grow();
            var item = ((ulong)(uint)rank << 32) | (uint)start;
            var at = count++;
            while (at > 0 && items[(at - 1) / 2] > item)
            {
                items[at] = items[(at - 1) / 2];
                at = (at - 1) / 2;
            }

            items[at] = item;
        }

        public bool TryPop(out int rank, out int start)
        {
            rank = start = 0;
            if (count == 0)
                return false;
            (rank, start) = ((int)(items[0] >> 32), (int)(uint)items[0]);
            var last = items[--count];
            var at = 0;
            while ((2 * at) + 1 is var child && child < count)
            {
                if (child + 1 < count && items[child + 1] < items[child])
                    child++;
                if (items[child] >= last)
                    break;
                items[at] = items[child];
                at = child;
            }

            items[at] = last;
            return true;
        }

        public readonly void Release() => ArrayPool<ulong>.Shared.Return(items);

        private void Grow()
        {
            var bigger = ArrayPool<ulong>.Shared.Rent(items.Length * 2);
            items.AsSpan(0, count).CopyTo(bigger);
            ArrayPool<ulong>.Shared.Return(items);
            items = bigger;
        }
    }
}
