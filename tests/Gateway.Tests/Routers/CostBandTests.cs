using Fairlead.Catalog.Pricing;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Routers.Auto;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Gateway.Tests.Routers;

public sealed class CostBandTests
{
    // Best first; the dearest is neither first nor last. Ten models: each is a tenth of the percentiles.
    private static readonly IReadOnlyList<Model> Ranked = [.. new[] { 9, 10, 5, 7, 1, 3, 8, 2, 6, 4 }.Select(Priced)];

    [Theory]
    [InlineData(null, null, null, "9 10 5 7 1 3 8 2 6 4")]
    [InlineData(0, null, null, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(2, null, null, "5 6 7 4 3 8 9 2 10 1")]
    [InlineData(4, null, null, "9 10 8 7 6 5 4 3 2 1")]
    [InlineData(4, 10, 10, "9 10 8 7 6 5 4 3 2 1")]
    [InlineData(null, 0, null, "9 5 7 1 3 8 2 6 4 10")]
    [InlineData(null, 10, null, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(null, null, 10, "1 2 3 4 5 6 7 8 9 10")]
    [InlineData(null, 5, 10, "5 1 3 2 4 6 7 8 9 10")]
    public void Wish_PutsItsBandFirst_InTheListsOrder_AndTheRestBehindItNearestFirst(int? tier, int? tradeoff, int? byDefault, string order)
    {
        var arranged = CostBands.Arrange(Ranked, new AutoSettings { CostTier = tier, CostQualityTradeoff = tradeoff }, byDefault);
        Assert.Equal(order.Split(' '), arranged.Select(model => model.Id));
    }

    private static Model Priced(int price)
    {
        var id = price.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var endpoint = new ModelEndpoint
        {
            Id = id, ModelId = id, Tag = "one", ContextLength = 1000, Pricing = new PriceSheet { Prompt = price, Completion = price },
            Provider = new Provider { Slug = "one", Name = "One", Protocol = UpstreamProtocol.OpenAIChat },
        };
        return new Model { Id = id, CanonicalSlug = id, Name = id, Architecture = new(), Endpoints = [endpoint], LiveEndpoints = [endpoint] };
    }
}
