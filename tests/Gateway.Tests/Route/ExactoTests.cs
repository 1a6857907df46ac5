using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Tiers of quality (routing §6.4, §10.3).</summary>
public sealed class ExactoTests
{
    private static readonly Model Five = Model("a/m", [.. Enumerable.Range(1, 5).Select(i => Endpoint("p" + i, i, draft => draft.Parameters |= ParameterSet.Tools))]);
    private static readonly CanonicalRequest WithTools = Request(r => r with { Used = ParameterSet.Tools, Content = r.Content with { Tools = 1 } });

    private static EndpointHealth Quality(float throughput, int toolErrors, int answers = 50) => new()
    {
        Throughput30m = new Percentiles(answers, throughput, throughput, throughput, throughput), ToolAnswers = answers, ToolErrors = toolErrors,
    };

    private static HealthSnapshot All(params EndpointHealth[] five) => Health([.. five.Select((health, i) => ($"a/m@p{i + 1}", health))]);

    [Fact]
    public void Exacto_GoodFirst_ThenTooLittleKnown_ThenTheWorse_ByPriceWithin()
    {
        // The cheapest fails at tools, the next is slow, of the third too little is known.
        var health = All(Quality(100, 25), Quality(20, 0), Quality(100, 0, answers: 3), Quality(100, 1), Quality(105, 0));
        var request = Request(r => r with { Provider = new() { Sort = "exacto" } });
        for (ulong seed = 0; seed < 20; seed++)
            Assert.Equal(["p4", "p5", "p3", "p1", "p2"], Order(Plan(request, seed, health, Five)));
    }

    [Fact]
    public void WithTools_TheSameTiers_AndADrawWithinTheBest()
    {
        var health = All(Quality(100, 25), Quality(20, 0), Quality(100, 0, answers: 3), Quality(100, 1), Quality(105, 0));
        var firsts = Enumerable.Range(0, 5000).Select(seed => Order(Plan(WithTools, (ulong)seed, health, Five))[0]).ToList();
        Assert.InRange(firsts.Count(first => first == "p4") / 5000.0, 0.57, 0.65);
        Assert.Equal(5000, firsts.Count(first => first is "p4" or "p5"));
    }

    [Fact]
    public void TooLittleData_IsTheDefaultStrategy()
    {
        var health = All(Quality(100, 25), Quality(20, 0), Quality(100, 0), EndpointHealth.Unknown, EndpointHealth.Unknown);
        var plain = Request(r => r with { Content = WithTools.Content });
        for (ulong seed = 0; seed < 100; seed++)
            Assert.Equal(Order(Plan(plain, seed, health, Five)), Order(Plan(WithTools, seed, health, Five)));
    }

    [Fact]
    public void ExplicitPrice_OptsOut()
    {
        var health = All(Quality(100, 25), Quality(20, 0), Quality(100, 0), Quality(100, 1), Quality(105, 0));
        Assert.Equal(["p1", "p2", "p3", "p4", "p5"], Order(Plan(WithTools with { Provider = new() { Sort = "price" } }, 1, health, Five)));
    }

    [Fact]
    public void AllAlike_SmallDifferencesAreNoDeviation()
    {
        var health = All(Quality(100, 0), Quality(100, 1), Quality(99, 0), Quality(100, 0), Quality(98, 0));
        var request = Request(r => r with { Provider = new() { Sort = "exacto" } });
        Assert.Equal(["p1", "p2", "p3", "p4", "p5"], Order(Plan(request, 1, health, Five)));
    }

    [Fact]
    public void TheOperatorsList_ReplacesMeasurements()
    {
        var curated = Model("a/m:exacto", Endpoint("p4", 4), Endpoint("p2", 2));
        var plan = RoutePlanner.Plan(Query(Request(), AllStable, [new RequestedModel(Five, RouteSort.Exacto, curated)]), 1);
        Assert.Equal(["p2", "p4", "p1", "p3", "p5"], Order(plan));
    }
}
