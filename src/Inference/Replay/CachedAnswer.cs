using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Replay;

/// <summary>A kept answer and what its record says. Immutable.</summary>
internal sealed record CachedAnswer
{
    // The entry itself, its key and places in the tables.
    private const int Overhead = 512;

    public required KeptAnswer Answer { get; init; }

    /// <summary>The generation that first gave it.</summary>
    public required string SourceId { get; init; }

    /// <summary>The public slug of the model that gave it.</summary>
    public required string Model { get; init; }

    public required string ModelPermaslug { get; init; }

    public required FinishReason Finish { get; init; }

    public required string? NativeFinish { get; init; }

    /// <summary>When it was kept, a time stamp of the clock.</summary>
    public required long KeptAt { get; init; }

    /// <summary>How long it may be given again.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Bytes of memory.</summary>
    public int Size => Answer.Length + Overhead;
}
