using System.Buffers;
using System.Text;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// Streams an answer of another dialect to a client. The upstream's reader says what happened, the client's writer says it again.
/// <para>
/// The finish chunk is held back until the upstream ended: some providers send citations or a last call after announcing it, and the chunk
/// after which a client stops listening must be the last. Held: the finish is written exactly once, and nothing follows an error chunk. A finish that is an error
/// is left to <see cref="WriteFailure"/>: the answer must not look whole.
/// </para>
/// </summary>
internal sealed class CanonicalStreamTranslator(IAnswerEventReader reader, IAnswerStreamWriter writer, AnswerIdentity identity) : EventTranslator
{
    private static readonly UpstreamFailure Overfull = new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Retry = RetryClass.Next,
        Message = "The provider mixed the pieces of its tool calls with more than this gateway holds back.",
    };

    private readonly List<AnswerEvent> events = [];
    private readonly List<int> callIndexes = [];
    private readonly StringBuilder said = new(0);
    private bool finishWritten;
    private bool ended;
    private bool? whole;

    public override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (ended || Failure is not null)
            return StreamStep.End;
        events.Clear();
        var step = reader.Read(eventName, data, events);
        ServedAtDefaultTier = reader.ServedAtDefaultTier;
        Write(output);
        return step;
    }

    public override bool Complete(IBufferWriter<byte> output)
    {
        // Asked again after an attempt already asked: the reader must not give its last pieces twice.
        whole ??= CompleteOnce(output);
        return whole.Value;
    }

    public override void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output)
    {
        if (ended)
            return;
        WriteFinishOnce(output);
        ended = true;
        writer.WriteEnd(charge, output);
    }

    public override void WriteFinish(FinishReason reason, IBufferWriter<byte> output)
    {
        if (ended || finishWritten || Finish == FinishReason.Error)
            return;
        Finish = reason;
        HasContent = true;
        WriteFinishOnce(output);
    }

    public override void WriteFailure(GatewayError error, IBufferWriter<byte> output)
    {
        if (ended)
            return;
        ended = true;
        writer.WriteFailure(error, NativeFinish, finishWritten, output);
    }

    private bool CompleteOnce(IBufferWriter<byte> output)
    {
        if (ended || Failure is not null)
            return Failure is null;
        events.Clear();
        var complete = reader.Complete(events);
        Write(output);
        if (Failure is not null || !complete || Finish == FinishReason.None)
            return false;
        WriteFinishOnce(output);
        return true;
    }

    private void WriteFinishOnce(IBufferWriter<byte> output)
    {
        if (finishWritten || Finish is FinishReason.None or FinishReason.Error)
            return;
        finishWritten = true;
        Finish = Finish.Reconcile(callIndexes.Count > 0);
        if (Amender is not null)
            WriteNotes(Amender.Annotate(said.ToString()), output);
        writer.WriteFinish(Finish, NativeFinish, output);
    }

    private void WriteNotes(IReadOnlyList<AnswerEvent> notes, IBufferWriter<byte> output)
    {
        foreach (var note in notes)
            Write(note, output);
    }

    private void Write(IBufferWriter<byte> output)
    {
        foreach (var e in events)
        {
            if (Failure is not null || finishWritten)
                return;
            Write(e, output);
            if (writer.IsOverfull)
                Failure ??= Overfull;
        }
    }

    private void Write(AnswerEvent e, IBufferWriter<byte> output)
    {
        Note(e);
        switch (e)
        {
            case TextDelta { Text: { Length: > 0 } text }:
                if (Amender is not null)
                    said.Append(text);
                writer.WriteText(text, output);
                break;
            case ReasoningDelta { Detail: var detail } when identity.Shows(detail):
                writer.WriteReasoning(detail, output);
                break;
            case ToolCallStarted call:
                callIndexes.Add(call.Index);
                writer.WriteCallStart(call, callIndexes.Count - 1, output);
                break;
            case ToolCallArguments { Fragment: { Length: > 0 } fragment } piece when callIndexes.LastIndexOf(piece.Index) is >= 0 and var index:
                writer.WriteCallArguments(index, fragment, output);
                break;
            case RefusalDelta { Text: { Length: > 0 } text }:
                writer.WriteRefusal(text, output);
                break;
            case ImageProduced image:
                writer.WriteImage(image, output);
                break;
            case UrlCitation citation:
                writer.WriteCitation(citation, output);
                break;
            case FileParsed file:
                writer.WriteFile(file, output);
                break;
            case PromptUsageReported prompt:
                writer.NotePrompt(prompt.Usage);
                break;
        }
    }
}
