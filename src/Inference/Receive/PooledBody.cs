using System.Buffers;

namespace Fairlead.Inference.Receive;

/// <summary>Bytes in a rented array that grows up to a limit. Also an <see cref="IBufferWriter{T}"/>. Dispose returns the array.</summary>
internal sealed class PooledBody(int initialSize = 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] array = ArrayPool<byte>.Shared.Rent(initialSize);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => array.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => array.AsSpan(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return array.AsSpan(Length);
    }

    public void Clear() => Length = 0;

    public void Dispose()
    {
        var rented = array;
        array = [];
        Length = 0;
        if (rented.Length > 0)
            ArrayPool<byte>.Shared.Return(rented);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (array.Length - Length >= needed)
            return;
        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + needed, array.Length * 2));
        array.AsSpan(0, Length).CopyTo(bigger);
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
        array = bigger;
    }
}
