using Fairlead.Catalog.Pricing;

namespace Fairlead.Catalog.Tests.Pricing;

public class PriceTextTests
{
    [Theory]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000010", "0.000001")]
    [InlineData("0", "0")]
    [InlineData("000.50", "0.5")]
    [InlineData("0.00000008333333333333334", "0.00000008333333333333334")]
    [InlineData("123456789", "123456789")]
    public void PlainDecimals_RoundTripWithoutNeedlessZeros(string text, string written)
    {
        Assert.True(PriceText.TryParse(text, out var price));
        Assert.Equal(written, PriceText.Format(price));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("1e-6")]
    [InlineData(" 1")]
    [InlineData("1,5")]
    [InlineData("0x1")]
    [InlineData("1.2.3")]
    [InlineData("1234567890")]
    [InlineData("٣")]
    public void AnythingElse_IsRefused(string text) => Assert.False(PriceText.TryParse(text, out _));
}
