namespace Fairlead.Catalog.Configuration;

/// <summary>
/// <c>inference.circuit</c>: when an endpoint counts as failing and is left alone (architecture §4), and when as in outage (routing R-34). What counts
/// as a failure is said in <c>docs/failover.md</c>.
/// </summary>
public sealed record CircuitOptions
{
    /// <summary>Everything at its default.</summary>
    public static CircuitOptions Default { get; } = new();

    /// <summary><c>failures</c>: failures in a row that open the circuit. Default 3, 1 to 1000.</summary>
    public int Failures { get; init; } = 3;
    /// <summary><c>failure_percent</c>: failures among the attempts of 30 seconds that open it. Default 50, 1 to 100.</summary>
    public int FailurePercent { get; init; } = 50;
    /// <summary><c>min_attempts</c>: fewer attempts in 30 seconds than this open nothing by their share. Default 10, 1 to 1,000,000.</summary>
    public int MinAttempts { get; init; } = 10;
    /// <summary><c>first_probe_s</c>: how long an open circuit lets nothing through. Default 15 seconds, 0.1 to 3600.</summary>
    public TimeSpan FirstProbe { get; init; } = TimeSpan.FromSeconds(15);
    /// <summary><c>probe_every_s</c>: from one probe's start to the next. Default 20 seconds, 0.1 to 3600.</summary>
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(20);
    /// <summary><c>broken_probe_s</c>: the same for an endpoint that only the operator can mend. Default 60 seconds, 0.1 to 3600.</summary>
    public TimeSpan BrokenProbe { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary><c>outage_failures</c>: failures in 30 seconds that make an outage, where they are half of the attempts. Default 2, 1 to 1000.</summary>
    public int OutageFailures { get; init; } = 2;
}
