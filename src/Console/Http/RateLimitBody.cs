using Fairlead.Accounts.Limits;

namespace Fairlead.Console.Http;

/// <summary>Reads the three members <c>rpm</c>, <c>tpm</c> and <c>concurrency</c>.</summary>
internal static class RateLimitBody
{
    private const int MostRequests = 1_000_000_000;
    private const long MostTokens = 1_000_000_000_000;
    private const int MostInFlight = 1_000_000;

    /// <summary>Null where a member is absent, null or wrong.</summary>
    public static RateLimits Read(RequestBody body) => new(
        (int?)body.Positive("rpm", MostRequests), body.Positive("tpm", MostTokens), (int?)body.Positive("concurrency", MostInFlight));
}
