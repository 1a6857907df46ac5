using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Reads InvokeModel's stream, unwrapped by <see cref="InvokeFrameReader"/>: events of the model's own format go to that format's reader, exceptions are Bedrock's.</summary>
internal sealed class InvokeEventReader(IAnswerEventReader inner) : IAnswerEventReader
{
    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (eventName.IsEmpty)
            return inner.Read(default, data, events);
        if (BedrockFailures.FromEvent(eventName, data) is { } failure)
        {
            events.Add(new AnswerFailed(failure));
            return StreamStep.End;
        }

        return eventName.SequenceEqual("chunk"u8) ? StreamStep.Unreadable : StreamStep.Continue;
    }

    public bool Complete(List<AnswerEvent> events) => inner.Complete(events);
}
