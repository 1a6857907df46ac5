namespace Fairlead.Simulator.Replies;

/// <summary>What goes back to the client, before faults are laid over it.</summary>
internal abstract record Reply
{
    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}

/// <summary>A whole body.</summary>
internal sealed record BodyReply(int Status, byte[] Body) : Reply
{
    /// <summary>How many tokens it holds: with slow tokens it takes that much longer.</summary>
    public int Tokens { get; init; }
}

/// <summary>A stream of events.</summary>
internal sealed record StreamReply(IEnumerable<StreamEvent> Events, Framing Framing) : Reply
{
    /// <summary>The event in which this dialect reports an error amid a stream.</summary>
    public required StreamEvent Failure { get; init; }
}

internal enum Framing
{
    /// <summary>Server-sent events.</summary>
    Sse,

    /// <summary>One JSON array, an element per event (Gemini without alt=sse).</summary>
    JsonArray,

    /// <summary>Amazon's binary messages. The name of an exception begins with <c>!</c>.</summary>
    AwsEventStream,

    /// <summary>A line of JSON per event (Ollama).</summary>
    JsonLines,
}

/// <summary>One event. <paramref name="Name"/> goes to SSE's <c>event:</c> line.</summary>
internal readonly record struct StreamEvent(string? Name, byte[] Data, EventKind Kind);

internal enum EventKind
{
    /// <summary>Sent without waiting, before the first token.</summary>
    Opening,

    /// <summary>Waits for first_token_ms or token_ms.</summary>
    Token,

    /// <summary>Follows the tokens at once.</summary>
    Closing,

    /// <summary>The end marker that no_done leaves out.</summary>
    Done,
}
