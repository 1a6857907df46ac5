using System.Buffers;

namespace Fairlead.Protocols.Framing;

/// <summary>The buffer of framings whose frames are one stretch of bytes each: what was not consumed yet lies in <see cref="Held"/>.</summary>
/// <param name="maxFrameBytes">The most bytes one frame may take.</param>
public abstract class HeldBytesReader(int maxFrameBytes) : FrameReader
{
    private const int InitialBytes = 4096;
    private const int SmallestRead = 256;

    private byte[] buffer = [];
    private int start;
    private int end;

    /// <summary>The most bytes one frame may take.</summary>
    protected int MaxFrameBytes { get; } = maxFrameBytes;

    /// <summary>Bytes read and not consumed.</summary>
    protected Span<byte> Held => buffer.AsSpan(start, end - start);

    /// <inheritdoc/>
    public sealed override Memory<byte> GetMemory(int sizeHint = 1)
    {
        MakeRoom(Math.Max(sizeHint, SmallestRead));
        return buffer.AsMemory(end);
    }

    /// <inheritdoc/>
    public sealed override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - end);
        end += count;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        start = end = 0;
    }

    /// <summary>Passes over the first <paramref name="count"/> held bytes; spans over them stay valid until the next read.</summary>
    protected void Consume(int count) => start += count;

    /// <summary>More than a frame may take is held without its end.</summary>
    protected void Refuse()
    {
        TooLarge = true;
        Release();
    }

    private void MakeRoom(int needed)
    {
        if (buffer.Length - end >= needed)
            return;
        var held = end - start;
        var target = buffer;
        if (buffer.Length - held < needed || held > buffer.Length / 2)
            target = ArrayPool<byte>.Shared.Rent(Math.Max(InitialBytes, held + Math.Max(needed, held)));
        buffer.AsSpan(start, held).CopyTo(target);
        if (target != buffer && buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = target;
        start = 0;
        end = held;
    }
}
