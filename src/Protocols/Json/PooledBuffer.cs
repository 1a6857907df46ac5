using System.Buffers;

namespace Fairlead.Protocols.Json;

/// <summary>A growing byte buffer from the shared pool, for what must be complete before it may be handed on. <see cref="Release"/> gives it back.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int SmallestBytes = 512;

    private byte[] buffer = [];
    private int length;

    /// <summary>What was written since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public void Clear() => length = 0;

    /// <summary>Drops what was written after <paramref name="to"/> bytes.</summary>
    public void Truncate(int to) => length = to;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        length += bytes.Length;
    }

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return buffer.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return buffer.AsSpan(length);
    }

    public void Release()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private void MakeRoom(int needed)
    {
        needed = Math.Max(needed, 1);
        if (buffer.Length - length >= needed)
            return;
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBytes, Math.Max(length + needed, (int)Math.Min(buffer.Length * 2L, Array.MaxLength))));
        Written.CopyTo(bigger);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = bigger;
    }
}
