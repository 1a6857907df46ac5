namespace Fairlead.Accounts.Limits;

/// <summary>Whose limit it is.</summary>
public enum RateScope
{
    /// <summary>The key's.</summary>
    Key,
    /// <summary>That of all keys of the account together.</summary>
    Account,
    /// <summary>That of the account for free models.</summary>
    FreeModels,
}

/// <summary>What is limited.</summary>
public enum RateDimension
{
    /// <summary>Requests in any 60 seconds.</summary>
    Requests,
    /// <summary>Tokens of the requests begun in any 60 seconds.</summary>
    Tokens,
    /// <summary>Requests in flight.</summary>
    Concurrency,
    /// <summary>Requests on a UTC day.</summary>
    DailyRequests,
}

/// <summary>Which limit refused a request, and by how much.</summary>
public sealed record RateRefusal
{
    /// <summary>Whose limit.</summary>
    public required RateScope Scope { get; init; }
    /// <summary>Which one.</summary>
    public required RateDimension Dimension { get; init; }
    /// <summary>The limit.</summary>
    public required long Limit { get; init; }
    /// <summary>What of it was left.</summary>
    public required long Remaining { get; init; }
    /// <summary>What the request wanted of it: its tokens, or 1.</summary>
    public required long Asked { get; init; }
    /// <summary>Until as much as it wanted is free, if nobody else comes; null where that is never, or where nobody knows (requests in flight).</summary>
    public required TimeSpan? Wait { get; init; }
}

/// <summary>A permit, a refusal, neither where nothing is limited, or none where the limits cannot be asked.</summary>
public readonly record struct RateOutcome
{
    internal static readonly RateOutcome Unavailable = new() { IsUnavailable = true };

    internal RateOutcome(RatePermit permit) => Permit = permit;

    internal RateOutcome(RateRefusal refusal) => Refusal = refusal;

    /// <summary>The request counts; null when it was refused and where nothing is limited.</summary>
    public RatePermit? Permit { get; }

    /// <summary>Which limit refused it; null when none did.</summary>
    public RateRefusal? Refusal { get; }

    /// <summary>Whether it fits cannot be known: several nodes share the limits, and the database does not answer.</summary>
    public bool IsUnavailable { get; private init; }
}
