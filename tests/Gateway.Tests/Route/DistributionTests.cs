using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Xunit.Abstractions;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Shares of the first place over 100,000 plans with fixed seeds, against the law of routing §6.1. The tables of docs/routing.md come from here.</summary>
public sealed class DistributionTests(ITestOutputHelper output)
{
    private const int Plans = 100_000;

    /// <summary>The worked example of the contract: A 1, B 2 with outages, C 3 dollars per million.</summary>
    [Fact]
    public void ContractExample_CheapIsNineTimesAsLikely_AndTheOneInOutageIsLast()
    {
        var model = Model("a/m", Endpoint("a", 1), Endpoint("b", 2), Endpoint("c", 3));
        var health = Health(("a/m@b", new EndpointHealth { Outage = true }));
        var first = CountFirsts(model, health, plan => Assert.Equal("b", Order(plan)[2]));

        Assert.Equal(0, first["b"]);
        CheckShares(first, ("a", 0.9), ("c", 0.1));
    }

    [Fact]
    public void Shares_FollowTheInverseSquareOfPrice_WithinOnePoint()
    {
        (string Name, decimal Price)[] prices = [("a", 0.5m), ("b", 0.7m), ("c", 1m), ("d", 1.5m), ("e", 3m), ("f", 12m)];
        var model = Model("a/m", [.. prices.Select(one => Endpoint(one.Name, one.Price))]);
        var total = prices.Sum(one => 1 / (double)(one.Price * one.Price));
        var expected = prices.Select(one => (one.Name, Share: 1 / (double)(one.Price * one.Price) / total)).ToArray();
        RoutePlan? some = null;
        CheckShares(CountFirsts(model, AllStable, plan => some = plan), expected);

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i].Share, some!.Standings[i].Odds, 12);
    }

    [Fact]
    public void InOutage_NeverFirst_WhileAStableOneExists_HoweverCheap()
    {
        var model = Model("a/m", Endpoint("dear", 1000), Endpoint("cheap", 0.001m), Endpoint("free", 0));
        var health = Health(("a/m@cheap", new EndpointHealth { Outage = true }), ("a/m@free", new EndpointHealth { Outage = true }));
        Assert.Equal(Plans, CountFirsts(model, health)["dear"]);
    }

    private static Dictionary<string, int> CountFirsts(Model model, HealthSnapshot health, Action<RoutePlan>? look = null)
    {
        var first = model.Endpoints.ToDictionary(endpoint => endpoint.Tag, _ => 0, StringComparer.Ordinal);
        var seeds = new RouteRandom(2026);
        for (var i = 0; i < Plans; i++)
        {
            var plan = Plan(Request(), seeds.Next(), health, model);
            look?.Invoke(plan);
            first[plan.Candidates[plan.Attempts[0]].Endpoint.Tag]++;
        }

        return first;
    }

    private void CheckShares(Dictionary<string, int> first, params (string Name, double Share)[] expected)
    {
        foreach (var (name, share) in expected)
        {
            output.WriteLine($"{name}: law {share:P2}, drawn {first[name] / (double)Plans:P2}");
            Assert.InRange(first[name] / (double)Plans, share - 0.01, share + 0.01);
        }
    }
}
