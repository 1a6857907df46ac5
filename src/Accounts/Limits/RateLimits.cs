namespace Fairlead.Accounts.Limits;

/// <summary>How much a key, or all keys of an account together, may do per minute and at once. Null is no limit; numbers are positive.</summary>
/// <param name="Rpm">Requests in any 60 seconds.</param>
/// <param name="Tpm">Tokens, prompt and answer together, of the requests begun in any 60 seconds.</param>
/// <param name="Concurrency">Requests in flight.</param>
public readonly record struct RateLimits(int? Rpm, long? Tpm, int? Concurrency)
{
    /// <summary>The largest <see cref="Rpm"/> there can be.</summary>
    public const int MostRpm = 1_000_000_000;
    /// <summary>The same for <see cref="Tpm"/>.</summary>
    public const long MostTpm = 1_000_000_000_000;
    /// <summary>The same for <see cref="Concurrency"/>.</summary>
    public const int MostConcurrency = 1_000_000;

    /// <summary>Nothing is limited.</summary>
    public bool AreNone => Rpm is null && Tpm is null && Concurrency is null;
}
