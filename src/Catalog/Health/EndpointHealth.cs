namespace Fairlead.Catalog.Health;

/// <summary>
/// How one endpoint has been doing, as routing and the endpoints API read it. Immutable: a change is a new value in a new
/// <see cref="HealthSnapshot"/>, so a plan made from one can be replayed. Reading allocates nothing.
/// </summary>
public sealed record EndpointHealth
{
    /// <summary>Never called, or not lately.</summary>
    public static EndpointHealth Unknown { get; } = new();

    /// <summary>A significant outage in the last 30 seconds: at least two counted failures, and they are half of the attempts or more (routing R-34).</summary>
    public bool Outage { get; init; }
    /// <summary>The circuit breaker (architecture §4). Default closed.</summary>
    public CircuitState Circuit { get; init; }
    /// <summary>While the circuit is open: when a probe is due, Unix milliseconds; the far future while one is on its way. 0 while it is closed.</summary>
    public long ProbeDueMs { get; init; }
    /// <summary>Rests until this moment (a 429's <c>Retry-After</c>), Unix milliseconds; 0 when it does not.</summary>
    public long RestUntilMs { get; init; }
    /// <summary>Successes and counted failures of the last 5 minutes.</summary>
    public Uptime Uptime5m { get; init; }
    /// <summary>The same of the last 30 minutes.</summary>
    public Uptime Uptime30m { get; init; }
    /// <summary>The same of the last day.</summary>
    public Uptime Uptime1d { get; init; }
    /// <summary>Milliseconds to the first token, last 5 minutes: what routing decides by. X % are at or below pX .</summary>
    public Percentiles FirstToken5m { get; init; }
    /// <summary>The same of the last 30 minutes: what the endpoints API shows.</summary>
    public Percentiles FirstToken30m { get; init; }
    /// <summary>Output tokens per second, last 5 minutes. X % reach or exceed pX, so p99 is the lowest .</summary>
    public Percentiles Throughput5m { get; init; }
    /// <summary>The same of the last 30 minutes.</summary>
    public Percentiles Throughput30m { get; init; }
    /// <summary>Answers of the last 2 hours that finished with tool calls.</summary>
    public int ToolAnswers { get; init; }
    /// <summary>Of those, answers with a call that could not have worked: arguments not JSON or against the schema, unknown name (routing §10.3).</summary>
    public int ToolErrors { get; init; }

    /// <summary>Rests at this moment (Unix milliseconds).</summary>
    public bool RestsAt(long nowMs) => RestUntilMs > nowMs;

    /// <summary>The circuit at this moment (Unix milliseconds): an open one whose probe is due is <see cref="CircuitState.HalfOpen"/>.</summary>
    public CircuitState CircuitAt(long nowMs) => Circuit == CircuitState.Open && ProbeDueMs > 0 && ProbeDueMs <= nowMs ? CircuitState.HalfOpen : Circuit;
}

/// <summary>A circuit breaker's position. Values are stored with decisions and only grow.</summary>
public enum CircuitState : byte
{
    /// <summary>Requests pass.</summary>
    Closed = 0,
    /// <summary>Failing: used only when nothing else is left.</summary>
    Open = 1,
    /// <summary>
    /// A probe is due: routing orders the endpoint as if it were stable, and the first request whose turn comes is the probe. Attempt claims it; who
    /// comes second passes on to the next endpoint.
    /// </summary>
    HalfOpen = 2,
}

/// <summary>Attempts that count (routing §10.1: mistakes of callers and 429 do not), and how many of them failed.</summary>
public readonly record struct Uptime(int Requests, int Failures)
{
    /// <summary>Fewer say nothing (routing §10.1).</summary>
    public const int LeastRequests = 100;

    /// <summary>Both together.</summary>
    public Uptime Plus(Uptime other) => new(
        (int)Math.Min((long)Requests + other.Requests, int.MaxValue), (int)Math.Min((long)Failures + other.Failures, int.MaxValue));

    /// <summary>Successes per request, 0 to 1; null with fewer than <see cref="LeastRequests"/>.</summary>
    public double? Share => Requests >= LeastRequests ? 1.0 - ((double)Failures / Requests) : null;
}

/// <summary>Percentiles of a measure and the number of samples they come from; all zero without samples.</summary>
public readonly record struct Percentiles(int Samples, float P50, float P75, float P90, float P99);
