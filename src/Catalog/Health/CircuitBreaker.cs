using Fairlead.Catalog.Configuration;

namespace Fairlead.Catalog.Health;

/// <summary>
/// The circuit breaker of one endpoint (architecture §4): opens after failures in a row, or when enough of the attempts of 30 seconds failed; lets one
/// probe through after a while and then one per period; a good answer closes it. The whole state is one word, so that of any number of requests exactly
/// one becomes the probe. Lock-free. Times are milliseconds, above 0, of a clock that only goes forward.
/// </summary>
internal sealed class CircuitBreaker
{
    // 0: closed. Above 0: open, and this is when a probe is due. Below 0: a probe is on its way, begun at minus this.
    private long state;
    private int failuresInRow;

    /// <summary>Nothing is held back.</summary>
    public bool IsClosed => Volatile.Read(ref state) == 0;

    /// <summary>When a probe is due; 0 while closed, the far future while one is on its way.</summary>
    public long ProbeDueMs => Volatile.Read(ref state) switch { < 0 => long.MaxValue, var due => due };

    /// <summary>Whether a request may use the endpoint now. At most one caller at a time is told <see cref="CircuitPass.Probe"/>.</summary>
    public CircuitPass Ask(long nowMs)
    {
        var seen = Volatile.Read(ref state);
        if (seen == 0)
            return CircuitPass.Closed;
        return seen > 0 && nowMs >= seen && Interlocked.CompareExchange(ref state, -nowMs, seen) == seen ? CircuitPass.Probe : CircuitPass.Open;
    }

    /// <summary>The probe that began at <paramref name="begunMs"/> is over, however it ended: unless it closed the circuit, the next is due a period after its start.</summary>
    public void ProbeOver(long begunMs, TimeSpan period) => Interlocked.CompareExchange(ref state, begunMs + (long)period.TotalMilliseconds, -begunMs);

    /// <summary>The first token of an answer. True when this closed the circuit. Failures in a row go on counting until the answer is whole.</summary>
    public bool Close() => Volatile.Read(ref state) != 0 && Interlocked.Exchange(ref state, 0) != 0;

    /// <summary>A whole answer. True when this closed the circuit.</summary>
    public bool Succeeded()
    {
        if (Volatile.Read(ref failuresInRow) != 0)
            Volatile.Write(ref failuresInRow, 0);
        return Close();
    }

    /// <summary>A failure, with what the last 30 seconds held, this one included. True when this opened the circuit.</summary>
    public bool Failed(long nowMs, Uptime recent, CircuitOptions options)
    {
        var enough = Interlocked.Increment(ref failuresInRow) >= options.Failures
            || (recent.Requests >= options.MinAttempts && 100L * recent.Failures >= (long)options.FailurePercent * recent.Requests);
        return enough && Open(nowMs, options.FirstProbe);
    }

    /// <summary>Opens the circuit, if it is not open.</summary>
    public bool Open(long nowMs, TimeSpan firstProbe) =>
        Interlocked.CompareExchange(ref state, nowMs + (long)firstProbe.TotalMilliseconds, 0) == 0;
}

/// <summary>What a circuit breaker says to a request.</summary>
public enum CircuitPass
{
    /// <summary>Go ahead.</summary>
    Closed,
    /// <summary>Go ahead: this request is the probe.</summary>
    Probe,
    /// <summary>Not now, unless nothing else is left.</summary>
    Open,
}
