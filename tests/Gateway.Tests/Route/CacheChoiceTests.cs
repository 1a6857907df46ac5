using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Sticky routing for prompt caches, weighed in money (routing §9).</summary>
public sealed class CacheChoiceTests
{
    // 10,000 tokens of prompt, at most 100 of output.
    private static readonly Protocols.Canonical.CanonicalRequest Long =
        Request(r => r with { Content = r.Content with { PromptTokens = 10_000 }, MaxTokens = 100 });

    private static readonly Model Two = Model("a/m", Endpoint("cheap", 1), Endpoint("caches", 3, draft => draft.CacheRead = 0.3m));

    [Fact]
    public void CheaperWithItsCache_GoesFirst_AtCertainOdds()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var plan = Plan(Long, seed, new StickyEndpoint("a/m@caches", 9_000), Two);
            Assert.Equal(["caches", "cheap"], Order(plan));
            Assert.Equal([0.0, 1.0], plan.Standings.Select(standing => standing.Odds));
            Assert.Equal((9_000 * 0.3m + 1_100 * 3m) / 1_000_000m, plan.Standings[1].Estimate.Dollars);
        }
    }

    [Fact]
    public void DearerEvenWithItsCache_NothingChanges()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var plan = Plan(Long, seed, new StickyEndpoint("a/m@caches", 1_000), Two);
            Assert.Equal(Order(Plan(Long, seed, AllStable, Two)), Order(plan));
            Assert.Equal(0.9, plan.Standings[0].Odds, 12);
        }
    }

    [Fact]
    public void OrderGiven_Unstable_OrDropped_ItIsPassedOver()
    {
        var sticky = new StickyEndpoint("a/m@caches", 9_000);
        Assert.Equal(["cheap", "caches"], Order(Plan(Long with { Provider = new() { Order = ["cheap"] } }, 1, sticky, Two)));
        Assert.Equal(["cheap"], Order(Plan(Long with { Provider = new() { Ignore = ["caches"] } }, 1, sticky, Two)));
        var outage = Health(("a/m@caches", new EndpointHealth { Outage = true }));
        Assert.Equal(["cheap", "caches"], Order(RoutePlanner.Plan(Query(Long, outage, [new RequestedModel(Two, RouteSort.Balanced)], sticky: sticky), 1)));
    }

    [Fact]
    public void Sort_IsOverruledOnlyWhereItSaves()
    {
        var sticky = new StickyEndpoint("a/m@caches", 9_000);
        Assert.Equal(["caches", "cheap"], Order(Plan(Long with { Provider = new() { Sort = "price" } }, 1, sticky, Two)));
        Assert.Equal(["caches"], Order(Plan(Long with { Provider = new() { Sort = "price", AllowFallbacks = false } }, 1, sticky, Two)));
    }
}
