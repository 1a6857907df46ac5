using System.Buffers;
using System.Buffers.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>
/// Unwraps the chunks of InvokeModel's stream (<c>{"bytes":"…base64…"}</c>), each of which holds one event of the model's own format, for that format's reader.
/// </summary>
internal sealed class InvokeEventReader(IAnswerEventReader inner) : IAnswerEventReader
{
    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (BedrockFailures.FromEvent(eventName, data) is { } failure)
        {
            events.Add(new AnswerFailed(failure));
            return StreamStep.End;
        }

        if (!eventName.SequenceEqual("chunk"u8))
            return StreamStep.Continue;
        if (!JsonCheck.IsValid(data) || JsonMembers.Find(data, "bytes"u8) is not [(byte)'"', .. var wrapped, (byte)'"'])
            return StreamStep.Unreadable;
        var buffer = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(wrapped.Length));
        try
        {
            return Base64.DecodeFromUtf8(wrapped, buffer, out _, out var length) == OperationStatus.Done
                ? inner.Read(default, buffer.AsSpan(0, length), events)
                : StreamStep.Unreadable;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public bool Complete(List<AnswerEvent> events) => inner.Complete(events);
}
