using System.IO.Pipelines;

namespace Fairlead.Inference.Replay;

/// <summary>Writes to the caller's pipe and notes what was written.</summary>
internal sealed class RecordingWriter(PipeWriter caller, AnswerRecording recording) : PipeWriter
{
    private Memory<byte> lent;

    public override bool CanGetUnflushedBytes => caller.CanGetUnflushedBytes;

    public override long UnflushedBytes => caller.UnflushedBytes;

    public override void Advance(int bytes)
    {
        recording.Write(lent.Span[..bytes]);
        lent = lent[bytes..];
        caller.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => lent = caller.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => caller.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => caller.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => caller.Complete(exception);
}
