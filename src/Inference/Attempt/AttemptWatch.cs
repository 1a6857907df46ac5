namespace Fairlead.Inference.Attempt;

/// <summary>Why an attempt was ended from our side.</summary>
internal enum AttemptEnd
{
    /// <summary>It was not.</summary>
    None,
    /// <summary>No headers or no first token in time.</summary>
    NoFirstToken,
    /// <summary>Silence after the first token.</summary>
    Stalled,
    /// <summary>The whole answer took too long.</summary>
    Overlong,
    /// <summary>The caller left and the endpoint can abort.</summary>
    ClientGone,
}

/// <summary>
/// Watches one attempt for silence and ends it by cancelling <see cref="Token"/>. One timer per attempt that re-arms itself for the time still
/// left: progress is one write, not a timer change. Who ended the attempt, and why, is kept: the first reason stands.
/// </summary>
internal sealed class AttemptWatch : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly TimeProvider time;
    private readonly long startedAt;
    private readonly TimeSpan firstToken;
    private readonly TimeSpan total;
    private readonly ITimer timer;
    private CancellationTokenRegistration clientGone;
    private TimeSpan silence;
    private long progressAt;
    private volatile bool committed;
    private int end;

    public AttemptWatch(TimeProvider time, TimeSpan firstToken, TimeSpan total)
    {
        this.time = time;
        this.firstToken = firstToken;
        this.total = total;
        startedAt = time.GetTimestamp();
        timer = time.CreateTimer(static watch => ((AttemptWatch)watch!).Look(), this, Min(firstToken, total), Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => source.Token;

    public AttemptEnd End => (AttemptEnd)Volatile.Read(ref end);

    /// <summary>A first token came.</summary>
    public bool HadFirstToken => committed;

    /// <summary>Ends the attempt as soon as the caller leaves. Only for endpoints that can abort.</summary>
    public void EndWith(CancellationToken client) =>
        clientGone = client.UnsafeRegister(static watch => ((AttemptWatch)watch!).EndBecause(AttemptEnd.ClientGone), this);

    /// <summary>The first token is there: from now on silence between events counts.</summary>
    public void FirstToken(TimeSpan betweenTokens)
    {
        silence = betweenTokens;
        Volatile.Write(ref progressAt, time.GetTimestamp());
        committed = true;
        timer.Change(Min(betweenTokens, Left(startedAt, total)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Bytes arrived.</summary>
    public void Progress() => Volatile.Write(ref progressAt, time.GetTimestamp());

    public void Dispose()
    {
        clientGone.Dispose();
        timer.Dispose();
        source.Dispose();
    }

    private void Look()
    {
        var untilTotal = Left(startedAt, total);
        if (untilTotal <= TimeSpan.Zero)
        {
            EndBecause(AttemptEnd.Overlong);
            return;
        }

        var untilSilence = committed ? Left(Volatile.Read(ref progressAt), silence) : Left(startedAt, firstToken);
        if (untilSilence <= TimeSpan.Zero)
        {
            EndBecause(committed ? AttemptEnd.Stalled : AttemptEnd.NoFirstToken);
            return;
        }

        // A timer may fire a little early: never re-arm for less than a millisecond.
        var next = Min(untilTotal, untilSilence);
        timer.Change(next < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : next, Timeout.InfiniteTimeSpan);
    }

    private void EndBecause(AttemptEnd reason)
    {
        if (Interlocked.CompareExchange(ref end, (int)reason, (int)AttemptEnd.None) != (int)AttemptEnd.None)
            return;
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended by itself at this very moment; there is nothing left to cancel.
        }
    }

    private TimeSpan Left(long since, TimeSpan limit) => limit - time.GetElapsedTime(since);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
