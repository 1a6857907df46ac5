namespace Fairlead.Catalog.Pricing;

/// <summary>
/// What an answer on the caller's own provider key costs here (platform §11.5, rule of December 2025): a share of what the same answer would have
/// cost with credits, after a number of free requests in each calendar month (UTC).
/// </summary>
public sealed record ByokFees
{
    /// <summary>Everything at its default.</summary>
    public static ByokFees Default { get; } = new();

    /// <summary>The share in millionths of the list price. Default 50,000 (5 %), 0 to 1,000,000.</summary>
    public int FeePpm { get; init; } = 50_000;
    /// <summary>Requests in a calendar month (UTC) that cost nothing, per account. Default 1,000,000.</summary>
    public long FreeRequestsPerMonth { get; init; } = 1_000_000;

    /// <summary>The share that the next request pays, in millionths, after <paramref name="requestsThisMonth"/> of the account on its own keys.</summary>
    public int RateAfter(long requestsThisMonth) => requestsThisMonth < FreeRequestsPerMonth ? 0 : FeePpm;

    /// <summary>The fee in dollars, not rounded yet, for an answer of this list price.</summary>
    public static decimal Fee(decimal listCost, int ppm) => listCost * ppm / 1_000_000;
}
