using System.Buffers;
using System.Buffers.Text;
using Fairlead.Protocols.Framing;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>
/// InvokeModel's stream as the events inside it: a message named <c>chunk</c> holds one event of the model's own format (<c>{"bytes":"…base64…"}</c>), which comes out
/// without a name. Other messages come out as they are, and so does a chunk that cannot be unwrapped. Not thread-safe.
/// </summary>
/// <param name="maxMessageBytes">The most bytes one message may take.</param>
internal sealed class InvokeFrameReader(int maxMessageBytes) : FrameReader
{
    private readonly AwsEventStreamReader messages = new(maxMessageBytes);
    private byte[] inside = [];

    public override Memory<byte> GetMemory(int sizeHint = 1) => messages.GetMemory(sizeHint);

    public override void Advance(int count) => messages.Advance(count);

    public override void Complete() => messages.Complete();

    public override bool TryRead(out StreamFrame frame)
    {
        var isRead = messages.TryRead(out frame);
        (TooLarge, Broken) = (messages.TooLarge, messages.Broken);
        if (!isRead)
            return false;
        if (frame.Name.SequenceEqual("chunk"u8) && TryUnwrap(frame.Data, out var length))
            frame = new StreamFrame(default, inside.AsSpan(0, length));
        return true;
    }

    public override void Release()
    {
        messages.Release();
        if (inside.Length > 0)
            ArrayPool<byte>.Shared.Return(inside);
        inside = [];
    }

    private bool TryUnwrap(ReadOnlySpan<byte> chunk, out int length)
    {
        length = 0;
        if (!JsonCheck.IsValid(chunk) || JsonMembers.Find(chunk, "bytes"u8) is not [(byte)'"', .. var wrapped, (byte)'"'])
            return false;
        var needed = Base64.GetMaxDecodedFromUtf8Length(wrapped.Length);
        if (inside.Length < needed)
        {
            if (inside.Length > 0)
                ArrayPool<byte>.Shared.Return(inside);
            inside = ArrayPool<byte>.Shared.Rent(needed);
        }

        return Base64.DecodeFromUtf8(wrapped, inside, out _, out length) == OperationStatus.Done;
    }
}
