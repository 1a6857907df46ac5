using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Settle;

/// <summary>What an answer came to, as Settle needs it: who served, what was counted, how it ended. Passed by reference: it does not outlive the call.</summary>
internal readonly record struct AnswerFacts
{
    public required RouteCandidate Candidate { get; init; }
    /// <summary>Usage as the provider reported it, or null.</summary>
    public required Usage? Reported { get; init; }
    /// <summary>The prompt's counts, where the provider reported them before the end; billed when the end never came.</summary>
    public Usage? ReportedPrompt { get; init; }
    /// <summary>Counts what was emitted (o200k); asked only when the report is missing or refused.</summary>
    public required Func<long> CountEmitted { get; init; }
    public required FinishReason Finish { get; init; }
    public string? NativeFinish { get; init; }
    public string? UpstreamId { get; init; }
    /// <summary>The caller left before the end.</summary>
    public bool Cancelled { get; init; }
    /// <summary>The answer broke after the commit point.</summary>
    public bool Failed { get; init; }
    /// <summary>Credits ran out within a stream, and it was ended with <c>length</c>.</summary>
    public bool CutShort { get; init; }
    /// <summary>Served on the caller's own provider key: how many requests of the account were, this month before this one. Null with platform credits.</summary>
    public long? OwnKeyRequests { get; init; }
    public TimeSpan FirstTokenAfter { get; init; }
    public int Images { get; init; }
    /// <summary>The provider says that it served at its default tier, whatever it was asked for.</summary>
    public bool ServedAtDefaultTier { get; init; }
}
