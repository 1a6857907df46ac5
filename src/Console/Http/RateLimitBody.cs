using Fairlead.Accounts.Limits;

namespace Fairlead.Console.Http;

/// <summary>Reads the three members <c>rpm</c>, <c>tpm</c> and <c>concurrency</c>.</summary>
internal static class RateLimitBody
{
    /// <summary>Null where a member is absent, null or wrong.</summary>
    public static RateLimits Read(RequestBody body) => new(
        (int?)body.Positive("rpm", RateLimits.MostRpm), body.Positive("tpm", RateLimits.MostTpm),
        (int?)body.Positive("concurrency", RateLimits.MostConcurrency));
}
