namespace Fairlead.Ledger.Postings;

/// <summary>Credits to move in or out of an account, other than by usage.</summary>
public sealed record Posting
{
    /// <summary>The account.</summary>
    public required long AccountId { get; init; }
    /// <summary>Why. Purchase, refund, grant and expiry take a positive amount and know their direction; an adjustment takes either sign.</summary>
    public required PostingKind Kind { get; init; }
    /// <summary>How much; not zero.</summary>
    public required Credits Amount { get; init; }
    /// <summary>Posting the same key again changes nothing and succeeds. At most 200 characters.</summary>
    public required string IdempotencyKey { get; init; }
    /// <summary>Who asked for it: a user id, <c>cli</c>, <c>bootstrap</c>, a payment processor.</summary>
    public required string Actor { get; init; }
    /// <summary>For the reader of the statement.</summary>
    public string Note { get; init; } = "";
}

/// <summary>What became of a posting.</summary>
public enum PostingResult
{
    /// <summary>It is durable.</summary>
    Posted = 1,
    /// <summary>It had been posted before under this idempotency key; nothing changed.</summary>
    AlreadyPosted = 2,
    /// <summary>It would take more than the account has free.</summary>
    InsufficientBalance = 3,
    /// <summary>The account would hold more than 9.2 million dollars.</summary>
    TooLarge = 4,
    /// <summary>The idempotency key was used before for another account, kind or amount.</summary>
    KeyReused = 5,
}

/// <summary>What became of a posting.</summary>
/// <param name="Result">Whether it was posted.</param>
/// <param name="PostingId">Its number; null when refused.</param>
/// <param name="Balance">The account after it.</param>
public readonly record struct PostingOutcome(PostingResult Result, long? PostingId, Credits Balance)
{
    /// <summary>It is in the ledger, now or from before.</summary>
    public bool IsPosted => Result is PostingResult.Posted or PostingResult.AlreadyPosted;
}
