using Fairlead.Accounts.Limits;

namespace Fairlead.Console.Http;

/// <summary>Reads the three members <c>rpm</c>, <c>tpm</c> and <c>concurrency</c>.</summary>
internal static class RateLimitBody
{
    private const int MostRequests = 1_000_000_000;
    private const long MostTokens = 1_000_000_000_000;
    private const int MostInFlight = 1_000_000;
    private const string NotEnforced = "must be null: this version does not enforce rate limits of keys and accounts";

    /// <summary>
    /// Null where a member is absent, null or wrong. A limit that would not hold is refused: this version stores such limits and does not enforce them yet,
    /// and whoever sets one relies on it.
    /// </summary>
    public static RateLimits Read(RequestBody body)
    {
        var limits = new RateLimits(
            (int?)body.Positive("rpm", MostRequests), body.Positive("tpm", MostTokens), (int?)body.Positive("concurrency", MostInFlight));
        if ((limits.Rpm ?? limits.Tpm ?? limits.Concurrency) is not null)
            body.Refuse(limits.Rpm is not null ? "rpm" : limits.Tpm is not null ? "tpm" : "concurrency", NotEnforced);
        return limits;
    }
}
