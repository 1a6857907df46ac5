namespace Fairlead.Simulator.Conversation;

/// <summary>What the simulated model says, in pieces of one token each.</summary>
internal sealed record Answer
{
    public IReadOnlyList<string> Reasoning { get; init; } = [];

    public IReadOnlyList<string> Text { get; init; } = [];

    public IReadOnlyList<AnsweredCall> Calls { get; init; } = [];

    /// <summary>Pictures, as the base64 of a PNG each.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    public Ending Ending { get; init; }

    /// <summary>The stop sequence that ended the answer.</summary>
    public string? MatchedStop { get; init; }

    public string WholeText => string.Concat(Text);

    public string WholeReasoning => string.Concat(Reasoning);
}

/// <summary>A call of an offered tool. <paramref name="Whole"/> is false when the token limit cut its arguments.</summary>
internal sealed record AnsweredCall(string Name, IReadOnlyList<string> Arguments, bool Whole)
{
    public string WholeArguments => string.Concat(Arguments);
}

internal enum Ending
{
    Stop,
    StopSequence,
    Length,
    ToolCalls,
    Filter,
    Refusal,
}
