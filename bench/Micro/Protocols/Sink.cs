using System.Buffers;

namespace Fairlead.Micro.Protocols;

/// <summary>Takes bytes and forgets them, so that only the writing is measured.</summary>
internal sealed class Sink : IBufferWriter<byte>
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public void Advance(int count)
    {
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer;
}
