using System.Buffers;
using System.IO.Pipelines;
using Fairlead.Catalog.Configuration;
using Fairlead.Inference.Replay;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Inference.Relay;

/// <summary>
/// The caller's side of a streamed answer: starts the response on the first byte, keeps it alive with comments while nothing comes (I-26, I-27), and
/// cuts a caller that stops reading. The relay and the comment timer share the pipe by a three-state turn: idle, the relay writes, a comment is
/// being written. Taking the turn is one interlocked operation per event.
/// </summary>
internal sealed class ClientStream : IAsyncDisposable
{
    private const int Idle = 0;
    private const int Writing = 1;
    private const int Commenting = 2;

    private readonly HttpContext http;
    private readonly AnswerRecording? recording;
    private readonly TimeProvider time;
    private readonly TimeSpan commentInterval;
    private readonly TimeSpan stalledReader;
    private readonly ITimer timer;
    private int turn;
    private Task comment = Task.CompletedTask;
    private TimeSpan silenceAllowed;
    private long lastWriteAt;
    private long flushSince;

    public ClientStream(InferenceContext context, TimeProvider time, GatewayOptions options)
    {
        http = context.Http;
        recording = context.Recording;
        this.time = time;
        commentInterval = options.CommentEvery;
        stalledReader = options.StalledReader;
        silenceAllowed = options.FirstComment;
        lastWriteAt = time.GetTimestamp();
        timer = time.CreateTimer(static stream => ((ClientStream)stream!).Look(), this, silenceAllowed, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The status line and headers are out: errors can only be said in band.</summary>
    public bool Started { get; private set; }

    /// <summary>Where the relay writes, between <see cref="EnterAsync"/> and <see cref="LeaveAsync"/>.</summary>
    public PipeWriter Output => recording is null ? http.Response.BodyWriter : recording.Through(http.Response.BodyWriter);

    /// <summary>Takes the turn to write.</summary>
    public ValueTask EnterAsync()
    {
        if (Interlocked.CompareExchange(ref turn, Writing, Idle) != Idle)
            return WaitForCommentAsync();
        Start();
        return ValueTask.CompletedTask;
    }

    /// <summary>Flushes what was written and gives the turn back. Waits while the caller reads slowly: nothing more is read from upstream meanwhile.</summary>
    public async ValueTask LeaveAsync()
    {
        try
        {
            Volatile.Write(ref flushSince, time.GetTimestamp());
            await Output.FlushAsync(http.RequestAborted);
        }
        finally
        {
            Rest();
        }
    }

    /// <summary>Ends the comments and says whether one was sent: then the response has begun and errors can only be said in band.</summary>
    public async ValueTask<bool> EndStartedAsync()
    {
        await DisposeAsync();
        return Started;
    }

    /// <summary>Gives the turn back without a flush: nothing was written.</summary>
    public void LeaveUnchanged() => Volatile.Write(ref turn, Idle);

    /// <summary>Stops comments; returns once none is being written.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync();
        await Volatile.Read(ref comment);
    }

    private void Start()
    {
        if (Started)
            return;
        Started = true;
        var response = http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    private async ValueTask WaitForCommentAsync()
    {
        while (Interlocked.CompareExchange(ref turn, Writing, Idle) != Idle)
        {
            await Volatile.Read(ref comment);
            await Task.Yield();
        }

        Start();
    }

    private void Look()
    {
        var now = time.GetTimestamp();
        var flushing = Volatile.Read(ref flushSince);
        if (flushing != 0 && time.GetElapsedTime(flushing, now) >= stalledReader)
        {
            http.Abort();
            return;
        }

        var silent = time.GetElapsedTime(Volatile.Read(ref lastWriteAt), now);
        if (flushing == 0 && silent >= silenceAllowed && Interlocked.CompareExchange(ref turn, Commenting, Idle) == Idle)
            comment = WriteCommentAsync();
        Rearm(flushing != 0 ? stalledReader - time.GetElapsedTime(flushing, now) : silenceAllowed - silent);
    }

    private async Task WriteCommentAsync()
    {
        try
        {
            Start();
            Output.Write(": OPENROUTER PROCESSING\n\n"u8);
            Volatile.Write(ref flushSince, time.GetTimestamp());
            await Output.FlushAsync(http.RequestAborted);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The caller left: the relay sees RequestAborted.
        }
        finally
        {
            Rest();
        }
    }

    /// <summary>A write is out: silence counts from now, and the turn is free.</summary>
    private void Rest()
    {
        Volatile.Write(ref flushSince, 0);
        silenceAllowed = commentInterval;
        Volatile.Write(ref lastWriteAt, time.GetTimestamp());
        Volatile.Write(ref turn, Idle);
    }

    private void Rearm(TimeSpan left)
    {
        var due = left > TimeSpan.Zero ? left : commentInterval;
        var floor = TimeSpan.FromMilliseconds(1);
        try
        {
            timer.Change(due < floor ? floor : due, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The stream ended while the timer was firing.
        }
    }
}
