using Fairlead.Catalog.Snapshot;

namespace Fairlead.Catalog.Health;

/// <summary>
/// Records what happens at one endpoint: attempts and failures, time to first token, throughput, rests, and its circuit breaker. Recording takes no lock
/// and, after the first sample, allocates nothing; only a change that routing must know of at once (circuit, outage, rest) publishes a new
/// <see cref="HealthSnapshot"/>. Thread-safe.
/// </summary>
public sealed class EndpointMonitor
{
    /// <summary>Answers with fewer output tokens say nothing about throughput .</summary>
    public const int LeastTokens = 10;

    private const int RecentSlots = 30;
    private const int Minutes5 = 30;
    private const int Minutes30 = 180;
    private const int Day = 288;
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly HealthBook book;
    private readonly OutcomeWindow recent = new(1000, RecentSlots);
    private readonly OutcomeWindow minutes = new(10_000, Minutes30);
    private readonly OutcomeWindow day = new(300_000, Day);
    private readonly CircuitBreaker circuit = new();
    private PerformanceWindows? firstToken;
    private PerformanceWindows? throughput;
    private long restUntilMs;
    private int brokenBy;
    private long openings;
    private int touched;
    private long touchedAtMs;
    private EndpointHealth current = EndpointHealth.Unknown;

    internal EndpointMonitor(HealthBook book, ModelEndpoint endpoint) => (this.book, Endpoint) = (book, endpoint);

    /// <summary>The endpoint, as the catalog described it when it was first used.</summary>
    public ModelEndpoint Endpoint { get; }

    /// <summary>Its health as last published.</summary>
    public EndpointHealth Current => Volatile.Read(ref current);

    /// <summary>Why only the operator can mend it; <see cref="EndpointFault.None"/> when that is not so. A good answer takes it back.</summary>
    public EndpointFault BrokenBy => (EndpointFault)Volatile.Read(ref brokenBy);

    /// <summary>How often its circuit opened.</summary>
    public long Openings => Interlocked.Read(ref openings);

    /// <summary>
    /// Asks to use the endpoint. <see cref="CircuitPass.Open"/> while it rests or its circuit is open. Whoever gets <see cref="CircuitPass.Probe"/> must
    /// call <see cref="ProbeOver"/>, whatever happens.
    /// </summary>
    public EndpointPass Ask()
    {
        var now = book.NowMs();
        if (Volatile.Read(ref restUntilMs) > now)
            return new EndpointPass(CircuitPass.Open, now);
        var pass = new EndpointPass(circuit.Ask(now), now);
        if (pass.Circuit == CircuitPass.Probe)
            Publish(now);
        return pass;
    }

    /// <summary>The attempt made with this pass is over, or has brought a first token.</summary>
    public void ProbeOver(EndpointPass pass)
    {
        if (pass.Circuit != CircuitPass.Probe)
            return;
        circuit.ProbeOver(pass.AtMs, BrokenBy == EndpointFault.None ? book.Options.ProbeEvery : book.Options.BrokenProbe);
        Publish(book.NowMs());
    }

    /// <summary>The first token of an answer is there (or the whole body): the circuit closes.</summary>
    /// <param name="after">Since the attempt began; null where the answer was not streamed and nobody knows.</param>
    public void FirstToken(TimeSpan? after)
    {
        var now = book.NowMs();
        if (after is { } time)
            Lazily(ref firstToken).Add(now, time.TotalMilliseconds);
        Mend(now, circuit.Close());
    }

    /// <summary>An answer came to its end.</summary>
    /// <param name="outputTokens">Tokens it had; 0 where it was cut off by us or the caller.</param>
    /// <param name="took">Since the attempt began: connection, first token and all.</param>
    public void Succeeded(long outputTokens, TimeSpan took)
    {
        var now = book.NowMs();
        Count(now, failed: false);
        if (outputTokens >= LeastTokens && took > TimeSpan.Zero)
            Lazily(ref throughput).Add(now, outputTokens / took.TotalSeconds);
        Mend(now, circuit.Succeeded());
    }

    /// <summary>An attempt, or an answer after its first token, failed. True when only the operator can mend it and nobody has been told yet.</summary>
    public bool Failed(EndpointFault fault)
    {
        if (fault == EndpointFault.None)
            return false;
        var now = book.NowMs();
        Count(now, failed: true);
        var options = book.Options;
        var opened = circuit.Failed(now, recent.Sum(now, RecentSlots), options);
        var news = false;
        if (fault != EndpointFault.Failed)
        {
            opened |= circuit.Open(now, options.BrokenProbe);
            news = Interlocked.Exchange(ref brokenBy, (int)fault) != (int)fault;
        }

        if (opened)
            Interlocked.Increment(ref openings);
        if (opened || news || IsOutage(now) != Current.Outage)
            Publish(now);
        return news;
    }

    /// <summary>The provider asked to be left alone for a while (429). At most an hour.</summary>
    public void Rest(TimeSpan time)
    {
        var now = book.NowMs();
        var until = now + (long)Math.Min(time.TotalMilliseconds, LongestRest.TotalMilliseconds);
        var seen = Volatile.Read(ref restUntilMs);
        // Many requests that are refused together say the same: one of them is enough to publish.
        if (until <= seen + 250)
            return;
        while (until > seen)
        {
            var before = Interlocked.CompareExchange(ref restUntilMs, until, seen);
            if (before == seen)
                break;
            seen = before;
        }

        Publish(now);
    }

    /// <summary>Nothing happened here for so long that nothing is left to remember.</summary>
    internal bool IsForgotten(long nowMs) => nowMs - Volatile.Read(ref touchedAtMs) > (Day + 1) * 300_000L && circuit.IsClosed;

    /// <summary>Measures everything anew. True when something changed.</summary>
    /// <param name="nowMs">The book's clock.</param>
    /// <param name="unixMs">The wall clock at the same moment.</param>
    /// <param name="all">Also where nothing has happened since the last time: old samples leave the windows.</param>
    internal bool Measure(long nowMs, long unixMs, bool all)
    {
        if (Interlocked.Exchange(ref touched, 0) == 0 && !all)
            return Settle(Known(nowMs, unixMs));
        return Settle(Known(nowMs, unixMs) with
        {
            Uptime5m = minutes.Sum(nowMs, Minutes5),
            Uptime30m = minutes.Sum(nowMs, Minutes30),
            Uptime1d = day.Sum(nowMs, Day),
            FirstToken5m = firstToken?.Short(nowMs, descending: false) ?? default,
            FirstToken30m = firstToken?.Long(nowMs, descending: false) ?? default,
            Throughput5m = throughput?.Short(nowMs, descending: true) ?? default,
            Throughput30m = throughput?.Long(nowMs, descending: true) ?? default,
        });
    }

    private void Count(long now, bool failed)
    {
        recent.Add(now, failed);
        minutes.Add(now, failed);
        day.Add(now, failed);
        Volatile.Write(ref touchedAtMs, now);
        if (Volatile.Read(ref touched) == 0)
            Volatile.Write(ref touched, 1);
    }

    /// <summary>A good answer: nothing is broken any more. An outage that a closed circuit ended is over, whatever the window still holds.</summary>
    private void Mend(long now, bool closed)
    {
        if (!closed && Volatile.Read(ref brokenBy) == 0)
            return;
        Volatile.Write(ref brokenBy, 0);
        if (closed)
            recent.Clear();
        Publish(now);
    }

    private void Publish(long now)
    {
        if (Settle(Known(now, book.UnixMs())))
            book.Publish();
    }

    private bool Settle(EndpointHealth measured)
    {
        if (measured.Equals(Current))
            return false;
        Volatile.Write(ref current, measured);
        return true;
    }

    /// <summary>What changes at once; the measures are those of the last time.</summary>
    private EndpointHealth Known(long now, long unix)
    {
        var due = circuit.ProbeDueMs;
        return Current with
        {
            Outage = IsOutage(now),
            Circuit = due == 0 ? CircuitState.Closed : CircuitState.Open,
            ProbeDueMs = due is 0 or long.MaxValue ? due : unix + (due - now),
            RestUntilMs = Volatile.Read(ref restUntilMs) is var until && until > now ? unix + (until - now) : 0,
        };
    }

    private bool IsOutage(long now)
    {
        var seen = recent.Sum(now, RecentSlots);
        return seen.Failures >= book.Options.OutageFailures && 2L * seen.Failures >= seen.Requests;
    }

    private static PerformanceWindows Lazily(ref PerformanceWindows? windows) =>
        Volatile.Read(ref windows) ?? Interlocked.CompareExchange(ref windows, new PerformanceWindows(), null) ?? windows;
}

/// <summary>Leave to use an endpoint, or not.</summary>
/// <param name="Circuit">What its circuit breaker says.</param>
/// <param name="AtMs">When it was asked, on the monitor's clock.</param>
public readonly record struct EndpointPass(CircuitPass Circuit, long AtMs);
