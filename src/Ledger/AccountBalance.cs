namespace Fairlead.Ledger;

/// <summary>An account's money at one moment.</summary>
/// <param name="TotalCredits">Everything ever credited, refunds and expiry taken off (platform P29).</param>
/// <param name="TotalUsage">Everything ever charged, durably.</param>
/// <param name="TotalPurchased">What was paid for or posted by the operator; decides <c>is_free_tier</c> and the free-model limits.</param>
/// <param name="Pending">Charged, waiting for its commit.</param>
/// <param name="Held">Set aside by requests in flight.</param>
public readonly record struct AccountBalance(Credits TotalCredits, Credits TotalUsage, Credits TotalPurchased, Credits Pending, Credits Held)
{
    /// <summary>Credits minus usage.</summary>
    public Credits Balance => TotalCredits - TotalUsage;

    /// <summary>What a new hold could take now.</summary>
    public Credits Available => Balance - Pending - Held;
}
