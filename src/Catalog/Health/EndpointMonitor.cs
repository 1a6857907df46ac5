using Fairlead.Catalog.Health.Sharing;
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
    private const int ToolSlots = 12;
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly HealthBook book;
    private readonly PeerReports peers;
    private readonly OutcomeWindow recent = new(1000, RecentSlots);
    private readonly OutcomeWindow minutes = new(10_000, Minutes30);
    private readonly OutcomeWindow day = new(300_000, Day);
    private readonly CircuitBreaker circuit = new();
    private OutcomeWindow? tools;
    private PerformanceWindows? firstToken;
    private PerformanceWindows? throughput;
    private EndpointRate? rate;
    private long restUntilMs;
    private int brokenBy;
    private long openings;
    private int touched;
    private long touchedAtMs;
    private EndpointHealth current = EndpointHealth.Unknown;

    private int toTell;

    internal EndpointMonitor(HealthBook book, ModelEndpoint endpoint) => (this.book, Endpoint, peers) = (book, endpoint, book.PeersOf(endpoint.Id));

    /// <summary>The endpoint, as the catalog described it when it was first used.</summary>
    public ModelEndpoint Endpoint { get; }

    /// <summary>Its health as last published.</summary>
    public EndpointHealth Current => Volatile.Read(ref current);

    /// <summary>Why only the operator can mend it; <see cref="EndpointFault.None"/> when that is not so. A good answer takes it back.</summary>
    public EndpointFault BrokenBy => (EndpointFault)Volatile.Read(ref brokenBy);

    /// <summary>How often its circuit opened.</summary>
    public long Openings => Interlocked.Read(ref openings);

    /// <summary>
    /// Asks to send a request to the endpoint, and counts it against its <c>rate_limit</c>. <see cref="CircuitPass.Open"/> where that is used up, and whenever
    /// <see cref="Ask()"/> says so. What is sent all the same is told by <see cref="Sends"/>.
    /// </summary>
    /// <param name="endpoint">The endpoint as the catalog has it now.</param>
    /// <param name="prompt">Estimated tokens of the prompt.</param>
    public EndpointPass Ask(ModelEndpoint endpoint, int prompt)
    {
        var pass = Ask();
        if ((endpoint.RpmLimit | endpoint.TpmLimit) == 0 || pass.Circuit == CircuitPass.Open || Take(pass.AtMs, endpoint, prompt, regardless: false))
            return pass;
        ProbeOver(pass);
        return pass with { Circuit = CircuitPass.Open };
    }

    /// <summary>A request is sent although the endpoint rests, is over its rate or its circuit is open: nothing else is left.</summary>
    public void Sends(ModelEndpoint endpoint, int prompt)
    {
        if ((endpoint.RpmLimit | endpoint.TpmLimit) != 0)
            Take(book.NowMs(), endpoint, prompt, regardless: true);
    }

    /// <summary>
    /// Asks to use the endpoint. <see cref="CircuitPass.Open"/> while it rests or its circuit is open. Whoever gets <see cref="CircuitPass.Probe"/> must
    /// call <see cref="ProbeOver"/>, whatever happens.
    /// </summary>
    public EndpointPass Ask()
    {
        var now = book.NowMs();
        if (Volatile.Read(ref restUntilMs) > now)
            return new EndpointPass(CircuitPass.Open, now);
        switch (peers.AskCircuit(now))
        {
            case CircuitPass.Open when circuit.IsClosed:
                return new EndpointPass(CircuitPass.Open, now);
            case CircuitPass.Probe:
                // Whoever opened it has let its probe pass: this node tries, once.
                circuit.Open(now, TimeSpan.Zero);
                break;
        }

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
        if (rate is { } limited && outputTokens > 0)
        {
            limited.Add(now, outputTokens);
            RestOverRate(now, limited);
        }

        Mend(now, circuit.Succeeded());
    }

    /// <summary>An answer ended with tool calls (routing §10.3). <paramref name="errored"/>: one of them could not have worked.</summary>
    public void CalledTools(bool errored)
    {
        if (Volatile.Read(ref tools) is null)
            Interlocked.CompareExchange(ref tools, new OutcomeWindow(600_000, ToolSlots), null);
        var now = book.NowMs();
        tools!.Add(now, errored);
        Touch(now);
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

    private bool Take(long now, ModelEndpoint endpoint, int prompt, bool regardless)
    {
        var limited = Volatile.Read(ref rate) ?? Interlocked.CompareExchange(ref rate, new EndpointRate(), null) ?? rate!;
        var taken = limited.TryTake(now, (endpoint.RpmLimit, endpoint.TpmLimit), prompt, regardless);
        RestOverRate(now, limited);
        return taken;
    }

    /// <summary>A minute that is used up is a rest: routing puts the endpoint last until it is over.</summary>
    private void RestOverRate(long now, EndpointRate limited)
    {
        if (limited.RestMs(now) is > 0 and var rest)
            Rest(TimeSpan.FromMilliseconds(rest));
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
        var calls = OwnTools(nowMs).Plus(peers.Sum(static report => report.Tools));
        return Settle(Known(nowMs, unixMs) with
        {
            Uptime5m = minutes.Sum(nowMs, Minutes5).Plus(peers.Sum(static report => report.Uptime5m)),
            Uptime30m = minutes.Sum(nowMs, Minutes30).Plus(peers.Sum(static report => report.Uptime30m)),
            Uptime1d = day.Sum(nowMs, Day).Plus(peers.Sum(static report => report.Uptime1d)),
            FirstToken5m = PercentilesOf(0, nowMs, descending: false),
            FirstToken30m = PercentilesOf(1, nowMs, descending: false),
            Throughput5m = PercentilesOf(2, nowMs, descending: true),
            Throughput30m = PercentilesOf(3, nowMs, descending: true),
            ToolAnswers = calls.Requests,
            ToolErrors = calls.Failures,
        });
    }

    /// <summary>Another node said something of this endpoint, for example that it rests.</summary>
    internal void HeardOf(int restForMs)
    {
        var now = book.NowMs();
        Volatile.Write(ref touched, 1);
        if (restForMs > 0)
            Rest(TimeSpan.FromMilliseconds(restForMs));
        // Measures are published together, every second.
        if (IsOutage(now) != Current.Outage || peers.OpenUntilMs(now) > 0 == (Current.Circuit == CircuitState.Closed))
            Publish(now);
    }

    /// <summary>What the other nodes should know: this node's own part. False when nothing happened since the last time, unless <paramref name="anyway"/>.</summary>
    internal bool TryReport(bool anyway, out HealthReport report)
    {
        report = null!;
        var now = book.NowMs();
        if ((Interlocked.Exchange(ref toTell, 0) == 0 && !anyway) || (Volatile.Read(ref touchedAtMs) == 0 && circuit.IsClosed && Volatile.Read(ref restUntilMs) == 0))
            return false;
        var due = circuit.ProbeDueMs;
        report = new HealthReport
        {
            Recent = recent.Sum(now, RecentSlots), Uptime5m = minutes.Sum(now, Minutes5), Uptime30m = minutes.Sum(now, Minutes30), Uptime1d = day.Sum(now, Day),
            // A probe under way is told as one that is due soon: its outcome follows.
            OpenForMs = due switch { 0 => 0, long.MaxValue => 1000, _ => (int)Math.Clamp(due - now, HealthReport.ProbeIsDue, int.MaxValue) },
            RestForMs = (int)Math.Max(0, Volatile.Read(ref restUntilMs) - now),
            Bins = [Own(0, now), Own(1, now), Own(2, now), Own(3, now)],
            Tools = OwnTools(now),
        };
        return true;
    }

    private Uptime OwnTools(long now) => Volatile.Read(ref tools)?.Sum(now, ToolSlots) ?? default;

    private int[]? Own(int which, long now)
    {
        if ((which < 2 ? firstToken : throughput) is not { } windows)
            return null;
        var bins = new int[SampleWindow.Bins];
        AddOwn(windows, which, bins, now);
        return bins;
    }

    private static void AddOwn(PerformanceWindows windows, int which, Span<int> bins, long now)
    {
        if (which % 2 == 0)
            windows.AddShort(bins, now);
        else
            windows.AddLong(bins, now);
    }

    private Percentiles PercentilesOf(int which, long now, bool descending)
    {
        var own = which < 2 ? firstToken : throughput;
        if (own is null && peers.IsEmpty)
            return default;
        Span<int> bins = stackalloc int[SampleWindow.Bins];
        bins.Clear();
        if (own is not null)
            AddOwn(own, which, bins, now);
        peers.AddTo(bins, which);
        return SampleWindow.PercentilesOf(bins, descending);
    }

    private void Count(long now, bool failed)
    {
        recent.Add(now, failed);
        minutes.Add(now, failed);
        day.Add(now, failed);
        Touch(now);
    }

    private void Touch(long now)
    {
        Volatile.Write(ref touchedAtMs, now);
        if (Volatile.Read(ref touched) == 0)
            Volatile.Write(ref touched, 1);
        if (Volatile.Read(ref toTell) == 0)
            Volatile.Write(ref toTell, 1);
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
        Volatile.Write(ref toTell, 1);
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
        var due = circuit.ProbeDueMs is var own && own != 0 ? own : peers.OpenUntilMs(now);
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
        var seen = recent.Sum(now, RecentSlots).Plus(peers.Sum(static report => report.Recent));
        return seen.Failures >= book.Options.OutageFailures && 2L * seen.Failures >= seen.Requests;
    }

    private static PerformanceWindows Lazily(ref PerformanceWindows? windows) =>
        Volatile.Read(ref windows) ?? Interlocked.CompareExchange(ref windows, new PerformanceWindows(), null) ?? windows;
}

/// <summary>Leave to use an endpoint, or not.</summary>
/// <param name="Circuit">What its circuit breaker says.</param>
/// <param name="AtMs">When it was asked, on the monitor's clock.</param>
public readonly record struct EndpointPass(CircuitPass Circuit, long AtMs);
