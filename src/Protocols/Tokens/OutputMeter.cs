using System.Buffers;

namespace Fairlead.Protocols.Tokens;

/// <summary>
/// Collects the text a model emits, so that its tokens can be counted if the provider reports no usage. Holds UTF-8 in a rented buffer; a
/// counter set by the host folds what exceeds <see cref="FoldAtBytes"/>. Most streams report usage and never count.
/// </summary>
public sealed class OutputMeter
{
    /// <summary>At this size the text is counted and dropped: bounds memory per stream.</summary>
    public const int FoldAtBytes = 16 * 1024;

    /// <summary>What an image counts for: what Gemini 2.5 Flash Image reports for one of 1024×1024 (the vendor's image generation page, 2025-10).</summary>
    public const int TokensPerImage = 1290;

    private byte[]? buffer;
    private int length;
    private long folded;

    /// <summary>Adds emitted text.</summary>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty)
        {
            buffer ??= ArrayPool<byte>.Shared.Rent(512);
            if (length + utf8.Length > buffer.Length && buffer.Length < FoldAtBytes)
                Grow(length + utf8.Length);
            var take = Math.Min(utf8.Length, buffer.Length - length);
            utf8[..take].CopyTo(buffer.AsSpan(length));
            length += take;
            utf8 = utf8[take..];
            if (length == buffer.Length && buffer.Length >= FoldAtBytes)
                Fold();
        }
    }

    /// <summary>Adds images the model made.</summary>
    public void AddImages(int images) => folded += (long)images * TokensPerImage;

    /// <summary>Tokens emitted so far, by the o200k vocabulary; an image is <see cref="TokensPerImage"/> of them.</summary>
    public long Count()
    {
        Fold();
        return folded;
    }

    /// <summary>A cheap upper estimate between counts: counted tokens plus half a token per byte not counted yet.</summary>
    public long UpperEstimate => folded + (length / 2);

    /// <summary>Returns the buffer.</summary>
    public void Release()
    {
        if (buffer is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        buffer = null;
        length = 0;
    }

    private void Fold()
    {
        if (length == 0)
            return;
        folded += Tokenizer.O200k.Count(buffer.AsSpan(0, length));
        length = 0;
    }

    private void Grow(int needed)
    {
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(needed, buffer!.Length * 2), FoldAtBytes));
        buffer.AsSpan(0, length).CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(buffer!);
        buffer = bigger;
    }
}
