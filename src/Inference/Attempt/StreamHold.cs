using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Tokens;

namespace Fairlead.Inference.Attempt;

/// <summary>
/// The first tokens of a stream held back (<c>provider.continuity: "restart"</c>): while nothing was sent to the caller, a stream that breaks can begin again
/// at another endpoint. Over with so many tokens, or so long after the first, whichever comes first.
/// </summary>
internal sealed class StreamHold(ContinuityHold wish, TimeProvider time)
{
    private long begunAt;

    /// <summary>How long the first token has been held.</summary>
    public TimeSpan Held => time.GetElapsedTime(begunAt);

    /// <summary>The first token is there.</summary>
    public void Begin() => begunAt = time.GetTimestamp();

    public bool IsOver(OutputMeter meter) => Left <= TimeSpan.Zero || meter.Count() >= wish.Tokens;

    /// <summary>Waits for a read until the hold's time is up. False when it is, and the read goes on. Does not throw.</summary>
    public async ValueTask<bool> EndsBeforeItDoesAsync(Task<int> read)
    {
        if (read.IsCompleted)
            return true;
        if (Left <= TimeSpan.Zero)
            return false;
        using var enough = new CancellationTokenSource();
        var first = await Task.WhenAny(read, Task.Delay(Left, time, enough.Token));
        await enough.CancelAsync();
        return first == read;
    }

    private TimeSpan Left => TimeSpan.FromMilliseconds(wish.Milliseconds) - Held;
}
