namespace Fairlead.Protocols.Errors;

/// <summary>What the fallback loop may do after a failure (architecture §4, providers §2.3).</summary>
public enum RetryClass
{
    /// <summary>Any other endpoint; once more on the same one when none is left (connection trouble, 500).</summary>
    NextOrSame,
    /// <summary>Another endpoint.</summary>
    Next,
    /// <summary>One other endpoint at most, then the next model.</summary>
    NextOnce,
    /// <summary>Never this model again, only the next model.</summary>
    NextModel,
    /// <summary>429: the endpoint rests; another endpoint; wait and retry when the announced time is at most 3 s.</summary>
    RateLimited,
    /// <summary>Our credentials or account at the provider: another endpoint, and the operator is told.</summary>
    Credentials,
    /// <summary>The provider does not know the model: another endpoint, and the operator is told.</summary>
    UnknownModel,
    /// <summary>Only unmoderated endpoints.</summary>
    Unmoderated,
}

/// <summary>A failure of one attempt, classified. Raw upstream text stays in <see cref="Raw"/> and reaches callers only as trimmed metadata.</summary>
public sealed record UpstreamFailure
{
    /// <summary>The class the caller sees when every attempt failed.</summary>
    public required ErrorKind Kind { get; init; }
    /// <summary>What may be tried next.</summary>
    public required RetryClass Retry { get; init; }
    /// <summary>The upstream's HTTP status; 0 when there was none.</summary>
    public int Status { get; init; }
    /// <summary>The provider's own code or type, or null.</summary>
    public string? ProviderCode { get; init; }
    /// <summary>The provider's message, or ours when it sent none.</summary>
    public required string Message { get; init; }
    /// <summary>The upstream body as text, at most 2 KiB, secrets stripped.</summary>
    public string? Raw { get; init; }
    /// <summary>
    /// The provider refused the signatures of reasoning sent back, and only them: the same endpoint takes the request with
    /// <c>UpstreamCall.WithoutSignatures</c>. Default false.
    /// </summary>
    public bool BadSignatures { get; init; }
    /// <summary>What our own moderation objected to; null where it did not.</summary>
    public FlaggedInput? Flagged { get; init; }
    /// <summary>How long the provider asked to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
