namespace Fairlead.Protocols.Tokens;

/// <summary>Byte-pair encoding over the published o200k_base ranks. Thread-safe; allocates nothing for ordinary text.</summary>
public sealed class Tokenizer
{
    private readonly Lazy<Vocabulary> vocabulary = new(Vocabulary.Load);

    private Tokenizer()
    {
    }

    /// <summary>The o200k_base vocabulary.</summary>
    public static Tokenizer O200k { get; } = new();

    /// <summary>Reads the ranks now (about 30 ms, 4 MB) instead of at the first count. Call it while the program starts.</summary>
    public void Load() => _ = vocabulary.Value;

    /// <summary>
    /// Number of tokens of a UTF-8 text; special-token spellings count as ordinary text. Bytes that are not UTF-8 are counted one by one, as
    /// symbols. The time is near-linear in the length whatever the text is (<see cref="LongPieceMerger"/>).
    /// </summary>
    public int Count(ReadOnlySpan<byte> utf8) => Run(utf8, null);

    /// <summary>The token ids, for comparing with other implementations.</summary>
    internal List<int> Encode(ReadOnlySpan<byte> utf8)
    {
        var ids = new List<int>();
        Run(utf8, ids);
        return ids;
    }

    private int Run(ReadOnlySpan<byte> utf8, List<int>? ids)
    {
        if (utf8.IsEmpty)
            return 0;
        var words = vocabulary.Value;
        var count = 0;
        while (!utf8.IsEmpty)
        {
            var length = PieceSplitter.Next(utf8);
            var piece = utf8[..length];
            utf8 = utf8[length..];
            if (words.Find(piece) is var rank && rank != Vocabulary.None)
            {
                count++;
                ids?.Add(rank);
            }
            else
            {
                count += length <= PieceMerger.MaxBytes ? PieceMerger.Merge(words, piece, ids) : LongPieceMerger.Merge(words, piece, ids);
            }
        }

        return count;
    }
}
