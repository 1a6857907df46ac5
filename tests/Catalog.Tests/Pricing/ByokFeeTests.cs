using Fairlead.Catalog.Pricing;
using Fairlead.Ledger;

namespace Fairlead.Catalog.Tests.Pricing;

public class ByokFeeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(999_999, 0)]
    [InlineData(1_000_000, 50_000)]
    [InlineData(long.MaxValue, 50_000)]
    public void TheFirstMillionOfAMonth_IsFree_ThenFivePercent(long requestsBefore, int ppm) =>
        Assert.Equal(ppm, ByokFees.Default.RateAfter(requestsBefore));

    [Fact]
    public void WithoutAnAllowance_TheFirstRequestPays() =>
        Assert.Equal(12_500, new ByokFees { FeePpm = 12_500, FreeRequestsPerMonth = 0 }.RateAfter(0));

    [Fact]
    public void TheFee_IsAShareOfTheListPrice_RoundedOnceHalfEven()
    {
        Assert.Equal(0.000225m, ByokFees.Fee(0.0045m, 50_000));
        // 5 % of 10 and of 30 pico-dollars: 0.5 and 1.5, to the even neighbour.
        Assert.Equal(new Credits(0), Credits.Round(ByokFees.Fee(0.000000000010m, 50_000)));
        Assert.Equal(new Credits(2), Credits.Round(ByokFees.Fee(0.000000000030m, 50_000)));
    }
}
