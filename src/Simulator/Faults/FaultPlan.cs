namespace Fairlead.Simulator.Faults;

/// <summary>What one request is to suffer, and how its answer is shaped. The keys are listed in docs/operations/simulator.md.</summary>
internal sealed record FaultPlan
{
    public static readonly FaultPlan None = new();

    public int? Status { get; init; }

    /// <summary>How many requests of this exact model name get the faults; then it behaves.</summary>
    public int Times { get; init; } = int.MaxValue;

    public int? RetryAfter { get; init; }

    public TimeSpan FirstToken { get; init; }

    public TimeSpan PerToken { get; init; }

    public int? StallAfter { get; init; }

    public int? CutAfter { get; init; }

    public int? MalformedAfter { get; init; }

    public int? TruncateUtf8After { get; init; }

    public int? BadUtf8After { get; init; }

    public int? BadCrcAfter { get; init; }

    public int? ErrorAfter { get; init; }

    public bool NoUsage { get; init; }

    public bool NoDone { get; init; }

    /// <summary>Whatever tier was asked for, it was served at the default one.</summary>
    public bool DefaultTier { get; init; }

    public string? ContentType { get; init; }

    public int? LieLength { get; init; }

    public bool ErrorIn200 { get; init; }

    public bool NegativeUsage { get; init; }

    public bool HugeUsage { get; init; }

    public bool Gzip { get; init; }

    public bool Crlf { get; init; }

    public bool NoSpace { get; init; }

    public bool Comments { get; init; }

    public bool OneByte { get; init; }

    public bool NeverClose { get; init; }

    public bool LateHeaders { get; init; }

    public bool CutHeaders { get; init; }

    public bool Hang { get; init; }

    public bool Filter { get; init; }

    public bool Refusal { get; init; }

    public bool Empty { get; init; }

    public bool Redacted { get; init; }

    public bool WrongArguments { get; init; }

    public string? Redirect { get; init; }

    /// <summary>The form of an error body: the provider's own (null), <c>html</c>, <c>text</c> or <c>empty</c>.</summary>
    public string? Body { get; init; }

    // The shape of the answer; stays when the faults are used up.
    public int? EchoLength { get; init; }

    public int? Tokens { get; init; }

    public int? BigEvent { get; init; }

    public int ContextLength { get; init; } = 1_000_000;

    public bool Strict { get; init; }

    /// <summary>The same request after its faults were used up: only the shape of the answer is left.</summary>
    public FaultPlan Shape() => new()
    {
        EchoLength = EchoLength,
        Tokens = Tokens,
        BigEvent = BigEvent,
        ContextLength = ContextLength,
        Strict = Strict,
    };
}
