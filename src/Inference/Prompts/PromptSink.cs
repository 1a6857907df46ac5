using Fairlead.Inference.Receive;

namespace Fairlead.Inference.Prompts;

/// <summary>Where one prompt's answer is written: with each flush, the events that are whole go on to the caller. What is no event, as an error's body is, stays.</summary>
internal sealed class PromptSink(PromptStream whole, int prompt) : Stream
{
    private readonly PooledBody kept = new(4096);

    /// <summary>What stayed.</summary>
    public ReadOnlyMemory<byte> Kept => kept.Memory;

    /// <summary>Some of it reached the caller.</summary>
    public bool HasStarted { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(kept.GetSpan(buffer.Length));
        kept.Advance(buffer.Length);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var end = kept.Span.LastIndexOf("\n\n"u8) + 2;
        if (end < 2)
            return;
        HasStarted |= await whole.PassAsync(prompt, kept.Memory[..end], cancellationToken);
        var rest = kept.Span[end..].ToArray();
        kept.Clear();
        Write(rest);
    }

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            kept.Dispose();
        base.Dispose(disposing);
    }
}
