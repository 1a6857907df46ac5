using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>Reads a streamed answer that is no client's yet: its events are gathered, and what Settle needs with them; nothing is written.</summary>
public static class EventGathering
{
    /// <summary>A translator that puts what <paramref name="reader"/> reads into <paramref name="events"/>, in order.</summary>
    public static StreamTranslator Create(IAnswerEventReader reader, List<AnswerEvent> events) => new Gatherer(reader, events);

    private sealed class Gatherer(IAnswerEventReader reader, List<AnswerEvent> gathered) : EventTranslator
    {
        private readonly List<AnswerEvent> events = [];
        private bool? whole;

        public override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
        {
            if (Failure is not null)
                return StreamStep.End;
            events.Clear();
            var step = reader.Read(eventName, data, events);
            Gather();
            return step;
        }

        public override bool Complete(IBufferWriter<byte> output)
        {
            // Asked again after an attempt already asked: the reader must not give its last pieces twice.
            whole ??= CompleteOnce();
            return whole.Value;
        }

        public override void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output) => throw NoClient();

        public override void WriteFinish(FinishReason reason, IBufferWriter<byte> output) => throw NoClient();

        public override void WriteFailure(GatewayError error, IBufferWriter<byte> output) => throw NoClient();

        private bool CompleteOnce()
        {
            if (Failure is not null)
                return false;
            events.Clear();
            var complete = reader.Complete(events);
            Gather();
            return complete && Failure is null && Finish != FinishReason.None;
        }

        private void Gather()
        {
            foreach (var e in events)
            {
                if (Failure is not null)
                    return;
                Note(e);
                gathered.Add(e);
            }
        }

        private static NotSupportedException NoClient() => new("Gathered events are written by whoever gathers them.");
    }
}
