using System.Buffers;
using System.Text.Unicode;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// A streamed answer of an endpoint that speaks the client's own format: each event is copied, with what the contract changes in it changed by the format's editor.
/// The event that ends the answer is kept back and written once, after the charge. What the events mean is read beside, for the charge.
/// </summary>
internal abstract class ForwardedStream(IAnswerEventReader reader) : EventTranslator
{
    private readonly List<AnswerEvent> events = [];
    private readonly PooledBuffer ending = new();
    private bool ended;
    private bool? whole;

    /// <summary>The answer was ended here, by <see cref="WriteFinish"/>: what the provider said of its end does not hold.</summary>
    protected bool IsCutShort { get; private set; }

    /// <summary>The event that was kept back; empty where there was none.</summary>
    protected ReadOnlySpan<byte> Ending => ending.Written;

    public sealed override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (ended || Failure is not null)
            return StreamStep.End;
        data = data.Trim(" \t\r\n"u8);
        if (!Utf8.IsValid(data))
            return StreamStep.Unreadable;
        events.Clear();
        var step = reader.Read(eventName, data, events);
        ServedAtDefaultTier = reader.ServedAtDefaultTier;
        events.ForEach(Note);
        if (step != StreamStep.Unreadable && Failure is null && data is [(byte)'{', ..])
            Copy(data, output);
        return step;
    }

    public sealed override bool Complete(IBufferWriter<byte> output)
    {
        // Asked again after an attempt already asked: the reader must not give its last pieces twice.
        whole ??= CompleteOnce();
        return whole.Value;
    }

    public sealed override void WriteFinish(FinishReason reason, IBufferWriter<byte> output)
    {
        if (Finish != FinishReason.None)
            return;
        (Finish, HasContent, IsCutShort) = (reason, true, true);
        CloseOpen(output);
    }

    public sealed override void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output)
    {
        if (ended)
            return;
        ended = true;
        WriteLast(charge, output);
    }

    public sealed override void WriteFailure(GatewayError error, IBufferWriter<byte> output)
    {
        if (ended)
            return;
        ended = true;
        WriteError(error, output);
    }

    public override void Release()
    {
        base.Release();
        ending.Release();
    }

    /// <summary>Writes one event, a JSON object, as the client is to have it, or keeps it back.</summary>
    protected abstract void Copy(ReadOnlySpan<byte> data, IBufferWriter<byte> output);

    /// <summary>Ends what the answer has begun and not ended.</summary>
    protected abstract void CloseOpen(IBufferWriter<byte> output);

    /// <summary>Writes the end, with what was charged.</summary>
    protected abstract void WriteLast(AnswerCharge charge, IBufferWriter<byte> output);

    /// <summary>Writes an end that is a failure.</summary>
    protected abstract void WriteError(GatewayError error, IBufferWriter<byte> output);

    /// <summary>Keeps an event back, in place of the one before.</summary>
    protected void KeepBack(ReadOnlySpan<byte> data)
    {
        ending.Clear();
        ending.Append(data);
    }

    private bool CompleteOnce()
    {
        if (ended || Failure is not null)
            return Failure is null;
        events.Clear();
        var complete = reader.Complete(events);
        events.ForEach(Note);
        return complete && Failure is null && Finish != FinishReason.None;
    }
}
