using System.Buffers;
using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>
/// Streams an answer of another dialect to a chat client. The upstream's reader says what happened, <see cref="ChunkWriter"/> says it again.
/// <para>
/// The finish chunk is held back until the upstream ended: some providers send citations or a last call after announcing it, and the chunk
/// after which a client stops listening must be the last. Held: the finish is written exactly once, and nothing follows an error chunk.
/// </para>
/// </summary>
internal sealed class CanonicalStreamTranslator(IAnswerEventReader reader, AnswerIdentity identity) : StreamTranslator
{
    private readonly ChunkWriter chunks = new(identity);
    private readonly List<AnswerEvent> events = [];
    private readonly List<int> callIndexes = [];
    private AnswerCalls.Gathering? calls;
    private bool finishWritten;
    private bool ended;
    private bool? whole;

    public override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (ended || Failure is not null)
            return StreamStep.End;
        events.Clear();
        var step = reader.Read(eventName, data, events);
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
        chunks.WriteEnd(charge, output);
    }

    public override void WriteFinish(FinishReason reason, IBufferWriter<byte> output)
    {
        if (ended || finishWritten)
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
        chunks.WriteFailure(error, NativeFinish, finishWritten, output);
    }

    public override IReadOnlyList<ToolCall>? ReadCalls() => KeepsCalls ? calls?.Calls ?? [] : null;

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
        if (finishWritten || Finish == FinishReason.None)
            return;
        finishWritten = true;
        Finish = FinishNames.Reconcile(Finish, callIndexes.Count > 0);
        chunks.WriteFinish(Finish, NativeFinish, output);
    }

    private void Write(IBufferWriter<byte> output)
    {
        foreach (var e in events)
        {
            if (KeepsCalls)
                (calls ??= new AnswerCalls.Gathering()).Add(e);
            if (Failure is not null || finishWritten)
                return;
            Write(e, output);
        }
    }

    private void Write(AnswerEvent e, IBufferWriter<byte> output)
    {
        switch (e)
        {
            case TextDelta { Text: { Length: > 0 } text }:
                Emit(text);
                chunks.WriteText(text, output);
                break;
            case ReasoningDelta { Detail: var detail }:
                WriteReasoning(detail, output);
                break;
            case ToolCallStarted call:
                Emit(call.Name);
                callIndexes.Add(call.Index);
                chunks.WriteCallStart(call, callIndexes.Count - 1, output);
                break;
            case ToolCallArguments { Fragment: { Length: > 0 } fragment } piece when callIndexes.LastIndexOf(piece.Index) is >= 0 and var index:
                Emit(fragment);
                chunks.WriteCallArguments(index, fragment, output);
                break;
            case RefusalDelta { Text: { Length: > 0 } text }:
                Emit(text);
                chunks.WriteRefusal(text, output);
                break;
            case ImageProduced image:
                HasContent = HasOutput = true;
                Images++;
                chunks.WriteImage(image, output);
                break;
            case UrlCitation citation:
                chunks.WriteCitation(citation, output);
                break;
            default:
                Note(e);
                break;
        }
    }

    /// <summary>Reasoning that is held back was still produced: it counts, and it commits the answer.</summary>
    private void WriteReasoning(ReasoningDetail detail, IBufferWriter<byte> output)
    {
        Emit((detail.Text ?? detail.Summary) ?? "");
        if (AnswerPieces.IsShown(detail, identity))
            chunks.WriteReasoning(detail, output);
    }

    private void Note(AnswerEvent e)
    {
        switch (e)
        {
            case AnswerStarted { UpstreamId: { } id }:
                UpstreamId = id;
                break;
            case AnswerFinished finished when Finish == FinishReason.None:
                Finish = finished.Reason;
                NativeFinish = finished.Native;
                HasContent = true;
                break;
            case PromptUsageReported prompt:
                PromptUsage = prompt.Usage;
                break;
            case UsageReported reported:
                Usage = reported.Usage;
                break;
            case AnswerFailed failed:
                Failure = failed.Failure;
                break;
        }
    }

    /// <summary>Feeds the meter, in pieces of a size the stack can hold.</summary>
    private void Emit(ReadOnlySpan<char> text)
    {
        HasContent = HasOutput = true;
        Span<byte> utf8 = stackalloc byte[768];
        while (!text.IsEmpty)
        {
            var take = Math.Min(text.Length, 256);
            if (take < text.Length && char.IsHighSurrogate(text[take - 1]))
                take--;
            take = Math.Max(take, 1);
            Meter.Add(utf8[..Encoding.UTF8.GetBytes(text[..take], utf8)]);
            text = text[take..];
        }
    }
}
