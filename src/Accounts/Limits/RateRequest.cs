namespace Fairlead.Accounts.Limits;

/// <summary>A request that is to begin, with the limits it is under.</summary>
/// <param name="KeyId">The key used.</param>
/// <param name="KeyLimits">The key's limits.</param>
/// <param name="AccountId">The key's account.</param>
/// <param name="AccountLimits">The limits of all keys of the account together.</param>
/// <param name="Tokens">The most it may use, prompt and answer together.</param>
/// <param name="FreeModels">The account's allowance of free models, when the request may be answered by one.</param>
public readonly record struct RateRequest(
    long KeyId, RateLimits KeyLimits, long AccountId, RateLimits AccountLimits, long Tokens, FreeModelAllowance FreeModels = default)
{
    /// <summary>Nothing limits it.</summary>
    public bool IsUnlimited => KeyLimits.AreNone && AccountLimits.AreNone && FreeModels.IsUnlimited;
}

/// <summary>How many requests for free models an account may make. Null is no limit; numbers are not negative.</summary>
/// <param name="PerMinute">In any 60 seconds.</param>
/// <param name="PerDay">On a UTC day.</param>
public readonly record struct FreeModelAllowance(int? PerMinute, int? PerDay)
{
    /// <summary>Nothing is limited.</summary>
    public bool IsUnlimited => PerMinute is null && PerDay is null;
}
