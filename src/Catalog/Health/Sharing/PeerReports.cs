namespace Fairlead.Catalog.Health.Sharing;

/// <summary>What the other nodes say of one endpoint. Replaced whole at every report; read on the way of requests without a lock. Times are milliseconds of the book's clock.</summary>
internal sealed class PeerReports
{
    /// <summary>For so long after a probe is due the node that opened the circuit is left to make it.</summary>
    private const int ProbeGraceMs = 5000;

    private readonly Lock gate = new();
    private volatile Said[] all = [];
    // Until when the circuit counts as open because of a peer; 0 when it does not.
    private long openUntilMs;

    private sealed record Said(string Node, HealthReport Report);

    public bool IsEmpty => all.Length == 0;

    public void Hear(string node, HealthReport report, long nowMs, int ageMs)
    {
        lock (gate)
        {
            all = [.. all.Where(said => said.Node != node), new Said(node, report)];
            if (report.OpenForMs > HealthReport.ProbeIsDue)
                Volatile.Write(ref openUntilMs, nowMs + Math.Max(0, report.OpenForMs - ageMs) + ProbeGraceMs);
            else if (all.All(said => said.Report.OpenForMs == 0))
                Volatile.Write(ref openUntilMs, 0);
        }
    }

    public void Forget(string node)
    {
        lock (gate)
        {
            all = [.. all.Where(said => said.Node != node)];
            if (all.All(said => said.Report.OpenForMs == 0))
                Volatile.Write(ref openUntilMs, 0);
        }
    }

    /// <summary>Open while a peer's circuit is; <see cref="CircuitPass.Probe"/>, once, when the time of its probe has passed; else closed.</summary>
    public CircuitPass AskCircuit(long nowMs)
    {
        var until = Volatile.Read(ref openUntilMs);
        if (until == 0)
            return CircuitPass.Closed;
        if (until > nowMs)
            return CircuitPass.Open;
        return Interlocked.CompareExchange(ref openUntilMs, 0, until) == until ? CircuitPass.Probe : CircuitPass.Closed;
    }

    /// <summary>Until when the circuit counts as open because of a peer; 0 when it does not.</summary>
    public long OpenUntilMs(long nowMs) => Volatile.Read(ref openUntilMs) is var until && until > nowMs ? until : 0;

    public Uptime Sum(Func<HealthReport, Uptime> which)
    {
        var sum = default(Uptime);
        foreach (var said in all)
            sum = sum.Plus(which(said.Report));
        return sum;
    }

    /// <summary>Adds the peers' counts of one histogram.</summary>
    public void AddTo(Span<int> bins, int which)
    {
        foreach (var said in all)
        {
            if (said.Report.Bins[which] is not { } theirs)
                continue;
            for (var i = 0; i < bins.Length; i++)
                bins[i] = (int)Math.Min((long)bins[i] + theirs[i], int.MaxValue);
        }
    }
}
