using Fairlead.Catalog.Health;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

public sealed class RoutePlannerTests
{
    private static readonly Catalog.Snapshot.Model Three = Model("a/m", Endpoint("one", 1), Endpoint("two", 2), Endpoint("three", 3));

    [Fact]
    public void OpenCircuitAndRest_GoLast_ADueProbeAndAnEndedRestDoNot()
    {
        var health = Health(
            ("a/m@one", new EndpointHealth { Circuit = CircuitState.Open }),
            ("a/m@two", new EndpointHealth { RestUntilMs = NowMs + 1 }),
            ("a/m@three", new EndpointHealth { Outage = true, Circuit = CircuitState.HalfOpen, RestUntilMs = NowMs }));
        for (ulong seed = 0; seed < 100; seed++)
            Assert.Equal(["three", "one", "two"], Order(Plan(Request(), seed, health, Three)));
        Assert.Equal("two", Order(Plan(Request(), 1, health, Model("a/m", Endpoint("one", 1), Endpoint("two", 2, draft => draft.Status = -1))))[^1]);
    }

    [Theory]
    [InlineData(-1, null, "nine one")]
    [InlineData(-1, "price", "one nine")]
    [InlineData(-2, null, "nine one")]
    [InlineData(-2, "price", "nine one")]
    [InlineData(-3, "price", "nine one")]
    public void DeclaredStatus_DegradedGoesBehind_DownAndDerankedAreLastResorts(int status, string? sort, string expected)
    {
        var model = Model("a/m", Endpoint("one", 1, draft => draft.Status = status), Endpoint("nine", 9));
        for (ulong seed = 0; seed < 50; seed++)
        {
            var plan = Plan(Request(r => r with { Provider = new ProviderPreferences { Sort = sort } }), seed, AllStable, model);
            Assert.Equal(expected.Split(' '), Order(plan));
        }
    }

    [Fact]
    public void SameSeed_SamePlan()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var plan = Plan(Request(), seed, AllStable, Three);
            var again = Plan(Request(), seed, AllStable, Three);
            Assert.Equal(Order(plan), Order(again));
            Assert.Equal(plan.Standings, again.Standings);
        }
    }

    [Fact]
    public void FreeEndpoints_AreDrawnEvenly_AheadOfPricedOnes()
    {
        var model = Model("a/m", Endpoint("paid", 0.001m), Endpoint("free1", 0), Endpoint("free2", 0));
        var firsts = Enumerable.Range(0, 2000).Select(seed => Order(Plan(Request(), (ulong)seed, AllStable, model))).ToArray();

        Assert.All(firsts, order => Assert.Equal("paid", order[2]));
        Assert.InRange(firsts.Count(order => order[0] == "free1"), 900, 1100);
    }

    [Theory]
    [InlineData("only", "two")]
    [InlineData("ignore", "one,three")]
    [InlineData("order", "two")]
    public void ProviderLists_AreObeyed(string list, string names)
    {
        var wish = list switch
        {
            "only" => new ProviderPreferences { Only = names.Split(',') },
            "ignore" => new ProviderPreferences { Ignore = names.Split(',') },
            _ => new ProviderPreferences { Order = names.Split(','), AllowFallbacks = false },
        };
        for (ulong seed = 0; seed < 50; seed++)
            Assert.Equal(["two"], Order(Plan(Request(r => r with { Provider = wish }), seed, AllStable, Three)));
    }

    [Fact]
    public void NoFallbacks_OneEndpointPerModel_AndTheModelListStays()
    {
        var other = Model("b/n", Endpoint("four", 4, draft => draft.Model = "b/n"), Endpoint("five", 5, draft => draft.Model = "b/n"));
        var plan = Plan(Request(r => r with { Provider = new ProviderPreferences { AllowFallbacks = false } }), 7, AllStable, Three, other);

        Assert.Equal(2, plan.Attempts.Length);
        Assert.Equal([0, 1], plan.Attempts.Select(index => plan.Candidates[index].ModelOrder));
        Assert.Equal(3, plan.Standings.Count(standing => standing.Filter == RouteFilter.NoFallback));
    }

    [Fact]
    public void PrivacyWishes_AnUnknownPolicyCountsAsCollecting()
    {
        var model = Model(
            "a/m",
            Endpoint("unknown", 1),
            Endpoint("keeps", 1, draft => draft.Policy = new(false, true, 30, false)),
            Endpoint("clean", 9, draft => (draft.Policy, draft.Zdr) = (new(false, false, 0, false), true)));

        Assert.Equal(["clean"], Order(Plan(Request(r => r with { Provider = new ProviderPreferences { DenyDataCollection = true } }), 1, AllStable, model)));
        Assert.Equal(["clean"], Order(Plan(Request(r => r with { Provider = new ProviderPreferences { Zdr = true } }), 1, AllStable, model)));
    }

    [Fact]
    public void TooLongForOne_TheRoomyOneServes()
    {
        var model = Model("a/m", Endpoint("small", 1, draft => draft.Context = 1000), Endpoint("roomy", 5));
        var plan = Plan(Request(r => r with { MaxTokens = 2000 }), 1, AllStable, model);

        Assert.Equal(["roomy"], Order(plan));
        Assert.Equal(RouteFilter.ContextLength, plan.Standings[0].Filter);
    }

    [Fact]
    public void Tools_AreRequired_ResponseFormatIsOnlyPreferred()
    {
        var plain = Model("a/m", Endpoint("plain", 1));
        var mixed = Model("a/m", Endpoint("plain", 1), Endpoint("tools", 9, draft => draft.Parameters |= ParameterSet.Tools | ParameterSet.ResponseFormat));
        var withTools = Request(r => r with { Used = ParameterSet.Tools, Content = r.Content with { Tools = 1 } });
        var withFormat = Request(r => r with { Used = ParameterSet.ResponseFormat, ResponseFormat = new(ResponseFormatKind.JsonObject, null, null, null, null) });

        Assert.Empty(Order(Plan(withTools, 1, AllStable, plain)));
        Assert.Equal(["tools"], Order(Plan(withTools, 1, AllStable, mixed)));
        Assert.Equal(["plain"], Order(Plan(withFormat, 1, AllStable, plain)));
        Assert.Equal(["tools"], Order(Plan(withFormat, 1, AllStable, mixed)));
    }

    [Fact]
    public void Costs_TheHoldCoversTheWorstCase()
    {
        var plan = Plan(Request(r => r with { MaxTokens = 1000 }), 1, AllStable, Model("a/m", Endpoint("one", 1)));

        Assert.Equal(1100 * 0.000001m, plan.Standings[0].Estimate.Dollars);
        Assert.Equal((126 + 1000) * 0.000001m, plan.WorstCost.Dollars);
    }
}
