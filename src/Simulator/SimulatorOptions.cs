namespace Fairlead.Simulator;

/// <summary>How one simulated upstream is started.</summary>
public sealed class SimulatorOptions
{
    /// <summary>Where it listens: one or more <c>http://</c> addresses separated by <c>;</c>. Port 0 picks a free one. The default is <c>http://127.0.0.1:0</c>.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>Ids, wordings and signatures follow from this number and the request; two simulators with one seed accept each other's signatures. The default is 0.</summary>
    public int Seed { get; init; }

    /// <summary>The clock of <c>created</c> members, rate-limit headers and delays. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether a request without a key gets the provider's refusal. The default is true.</summary>
    public bool RequireKey { get; init; } = true;

    /// <summary>How many requests <see cref="SimulatorServer.Requests"/> keeps; older ones are forgotten. The default is 0: nothing is recorded.</summary>
    public int RecordRequests { get; init; }

    /// <summary>How many bytes of each body are kept in the recording. The default is 1 MiB.</summary>
    public int RecordBodyBytes { get; init; } = 1 << 20;
}
