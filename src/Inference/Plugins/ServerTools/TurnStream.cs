using Fairlead.Inference.Attempt;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// The turns of a streamed answer as one stream, for the relay to read as it reads any other:
/// <code>
///   turn 1 ─▶ TurnFilter ─▶ QueuedEvents ─▶ (a mark for what waits) ─▶ StreamRelay ─▶ caller
///     │ ends in calls of ours: they are run, turn 2 is asked for and read on
///   turn 2 ─▶ …
/// </code>
/// What a turn says is passed on as it comes. The finish is that of the last turn, and comes once. A turn that breaks, or cannot be asked for, breaks the answer; where
/// credits end between two turns it ends with <c>length</c>. Nothing happens between two reads. Not thread-safe.
/// </summary>
internal sealed class TurnStream(ServerToolTurns turns, QueuedEvents queue, StreamedAnswer first) : Stream
{
    private readonly TurnFilter filter = new(turns.Run, queue);
    private StreamedAnswer turn = first;
    private StreamStep step = first.LastStep;
    private bool bodyEnded = first.BodyEnded;
    private Task<int>? begun = first.Reading;
    private bool isOver;
    private int markLeft;

    /// <summary>Why nothing can be shown, where that is before anything was.</summary>
    public GatewayError? Error { get; private set; }

    /// <summary>Who counts the turn under way.</summary>
    public StreamTranslator Counted => turn.Translator;

    /// <summary>Told of each later turn whom to tell how it ends.</summary>
    public Action<AttemptRecord>? TurnBegan { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads on until there is something to show, or an end.</summary>
    public async ValueTask ShowFirstAsync(CancellationToken cancellation)
    {
        while (!filter.HasShown && !isOver)
            await AdvanceAsync(cancellation);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (markLeft == 0)
        {
            if (!queue.IsEmpty)
                markLeft = QueuedEvents.Mark.Length;
            else if (isOver)
                return 0;
            else
                await AdvanceAsync(cancellationToken);
        }

        var some = QueuedEvents.Mark[^markLeft..];
        if (some.Length > buffer.Length)
            some = some[..buffer.Length];
        some.CopyTo(buffer);
        markLeft -= some.Length;
        return some.Length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            turn.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>One read of the turn under way, or the step to the next.</summary>
    private async ValueTask AdvanceAsync(CancellationToken cancellation)
    {
        // What an attempt read before its turn began is there already.
        if (filter.Pass(turn.Events!))
            return;
        if (turn.Translator.Failure is { } reported)
        {
            Break(reported);
        }
        else if (step == StreamStep.Unreadable && !bodyEnded)
        {
            Break(UpstreamFailures.Unreadable());
        }
        else if (turn.Frames.TooLarge)
        {
            Break(UpstreamFailures.TooLarge());
        }
        else if (step == StreamStep.End || bodyEnded)
        {
            await EndTurnAsync(step == StreamStep.Unreadable ? UpstreamFailures.Unreadable() : UpstreamFailures.Cut());
        }
        else if (!await turns.CoversAsync(turn))
        {
            turn.Response.Dispose();
            Finish(FinishReason.Length);
        }
        else if (await ReadTurnAsync(cancellation) is { } cut)
        {
            await EndTurnAsync(cut);
        }
        else
        {
            Translate();
            filter.Pass(turn.Events!);
        }
    }

    /// <summary>Why the turn cannot be read on; null where it can.</summary>
    private async ValueTask<UpstreamFailure?> ReadTurnAsync(CancellationToken cancellation)
    {
        try
        {
            var reading = begun;
            begun = null;
            var read = await (reading is null ? turn.Body.ReadAsync(turn.Frames.GetMemory(), turn.Watch.Token) : new ValueTask<int>(reading));
            turn.Watch.Progress();
            if (read > 0)
                turn.Frames.Advance(read);
            else
                turn.Frames.Complete();
            bodyEnded = read == 0;
            return null;
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
        {
            // The caller left: the relay's own watch, which hears of it too, ends this read.
            if (turn.Watch.End == AttemptEnd.ClientGone)
                await new TaskCompletionSource().Task.WaitAsync(cancellation);
            return turn.Watch.End switch
            {
                AttemptEnd.Stalled => UpstreamFailures.Stalled(),
                AttemptEnd.Overlong => UpstreamFailures.Overlong(),
                _ => UpstreamFailures.Cut(),
            };
        }
    }

    private void Translate()
    {
        while (turn.Frames.TryRead(out var frame))
        {
            step = turn.Translator.Translate(frame.Name, frame.Data, turn.Pending);
            if (step != StreamStep.Continue || turn.Translator.Failure is not null)
                return;
        }

        if (turn.Frames.Broken)
            step = StreamStep.Unreadable;
    }

    private async ValueTask EndTurnAsync(UpstreamFailure otherwise)
    {
        var translator = turn.Translator;
        var whole = translator.Complete(turn.Pending);
        filter.Pass(turn.Events!);
        if (!whole)
        {
            Break(translator.Failure ?? otherwise);
            return;
        }

        // Its work is done: the connection need not wait for the tools.
        turn.Response.Dispose();
        var calls = translator.ReadCalls() ?? [];
        if (translator.Finish == FinishReason.Error)
            Break(UpstreamFailures.ErrorFinish(translator.NativeFinish));
        else if (turns.IsLast(calls) || turns.CallerIsGone)
            Finish(ServerToolLoop.FinishOf(translator.Finish, filter.HasCallersCalls));
        else
            await GoOnAsync(calls);
    }

    private async ValueTask GoOnAsync(IReadOnlyList<ToolCall> calls)
    {
        var translator = turn.Translator;
        try
        {
            if (!await turns.GoOnAsync(turn, filter.Said, calls, new TurnCounts(translator.Usage, translator.PromptUsage, translator.Meter.Count, translator.Images, translator.Finish)))
            {
                Finish(FinishReason.Length);
                return;
            }
        }
        catch (OperationCanceledException) when (turns.CallerIsGone)
        {
            // Nobody hears the rest: what was done is paid.
            Finish(FinishReason.Stop);
            return;
        }

        var next = await turns.AskAsync();
        if (next.Answer is StreamedAnswer answer)
            Begin(answer);
        else if (next.Error is { } error)
            Refuse(error);
        else
            Finish(FinishReason.Stop);
    }

    private void Begin(StreamedAnswer next)
    {
        turn.Dispose();
        (turn, step, bodyEnded, begun) = (next, next.LastStep, next.BodyEnded, next.Reading);
        filter.Next();
        TurnBegan?.Invoke(next.Record);
    }

    private void Finish(FinishReason reason)
    {
        isOver = true;
        queue.End(new AnswerFinished(reason, turn.Translator.NativeFinish));
    }

    private void Break(UpstreamFailure failure)
    {
        isOver = true;
        if (filter.HasShown)
            queue.Add(new AnswerFailed(failure));
        else
            Error = new GatewayError { Kind = failure.Kind, Message = failure.Message };
        if (!filter.HasShown)
            turn.Record.Failed(failure);
    }

    /// <summary>Another turn cannot be had. Who failed at it was told so when it did.</summary>
    private void Refuse(GatewayError error)
    {
        isOver = true;
        if (filter.HasShown)
            queue.Add(new AnswerFailed(new UpstreamFailure { Kind = error.Kind, Retry = RetryClass.NextOnce, Status = error.Status, Message = error.Message }));
        else
            Error = error;
    }
}
