using Fairlead.Accounts.Settings;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Canonical;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Every member of <c>provider</c>, and what the account adds.</summary>
public sealed class PreferenceTests
{
    private static readonly Model Four = Model(
        "a/m", Endpoint("one", 1), Endpoint("two", 2), Endpoint("two", 3, draft => draft.Tag = "two/turbo"), Endpoint("four", 4));

    private static EndpointHealth Measured(float tokensPerSecond = 0, float firstTokenMs = 0, int samples = 100) => new()
    {
        Throughput5m = new Percentiles(samples, tokensPerSecond, tokensPerSecond * 0.8f, tokensPerSecond * 0.6f, tokensPerSecond * 0.5f),
        FirstToken5m = new Percentiles(samples, firstTokenMs, firstTokenMs * 2, firstTokenMs * 3, firstTokenMs * 4),
    };

    private static RoutePlan Ask(ProviderPreferences wish, HealthSnapshot? health = null, ulong seed = 1, params Model[] models) =>
        Plan(Request(r => r with { Provider = wish }), seed, health ?? AllStable, models.Length == 0 ? [Four] : models);

    [Fact]
    public void Order_ListedFirst_ABareSlugMeansAllItsEndpoints_ATagOne_UnknownAndForeignArePassedOver()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            Assert.Equal(["two/turbo", "four", "one", "two"], Order(Ask(new() { Order = ["two/turbo", "nobody", "four"] }, seed: seed)));
            var bare = Order(Ask(new() { Order = ["two"] }, seed: seed));
            Assert.Equal(["two", "two/turbo"], bare[..2].Order(StringComparer.Ordinal));
            Assert.Equal(["one", "four"], bare[2..]);
            Assert.Equal(["four", "one"], Order(Ask(new() { Order = ["FOUR", "One"], AllowFallbacks = false }, seed: seed)));
        }
    }

    [Fact]
    public void Order_WithinOneEntryOneIsDrawnByPrice()
    {
        var turbo = Enumerable.Range(0, 20_000).Count(seed => Order(Ask(new() { Order = ["two"] }, seed: (ulong)seed))[0] == "two/turbo");
        Assert.InRange(turbo / 20_000.0, (4.0 / 13) - 0.015, (4.0 / 13) + 0.015);
    }

    [Fact]
    public void Order_OneInOutageGoesBehindEveryStableOne()
    {
        var health = Health(("a/m@four", new EndpointHealth { Outage = true }));
        Assert.Equal(["one", "two", "two/turbo", "four"], Order(Ask(new() { Order = ["four", "one"] }, health)));
    }

    [Theory]
    [InlineData("price", "one two two/turbo four")]
    [InlineData("throughput", "four two one two/turbo")]
    [InlineData("latency", "two/turbo one four two")]
    public void Sort_ByMeasure_WithoutDataLastByPrice(string sort, string expected)
    {
        var health = Health(
            ("a/m@one", Measured(tokensPerSecond: 500, firstTokenMs: 100, samples: sort == "throughput" ? 4 : 100)),
            ("a/m@two", Measured(tokensPerSecond: 50, firstTokenMs: 900, samples: sort == "latency" ? 4 : 100)),
            ("a/m@two/turbo", sort == "throughput" ? EndpointHealth.Unknown : Measured(tokensPerSecond: 1, firstTokenMs: 20)),
            ("a/m@four", Measured(tokensPerSecond: 200, firstTokenMs: 300)));
        for (ulong seed = 0; seed < 20; seed++)
            Assert.Equal(expected.Split(' '), Order(Ask(new() { Sort = sort }, health, seed)));
    }

    [Fact]
    public void Sort_UnstableGoesLast()
    {
        var health = Health(("a/m@one", new EndpointHealth { Outage = true }));
        Assert.Equal(["two", "two/turbo", "four", "one"], Order(Ask(new() { Sort = "price" }, health)));
    }

    [Fact]
    public void Partition_None_SortsAllModelsTogether_AndRouteSaysTheSame()
    {
        var dear = Model("a/m", Endpoint("one", 5), Endpoint("two", 7));
        var cheap = Model("b/n", Endpoint("three", 1, draft => draft.Model = "b/n"), Endpoint("four", 6, draft => draft.Model = "b/n"));
        Assert.Equal(["one", "two", "three", "four"], Order(Ask(new() { Sort = "price" }, models: [dear, cheap])));
        Assert.Equal(["one", "two", "three", "four"], Order(Ask(new() { Sort = "price", SortPartition = "model" }, models: [dear, cheap])));
        Assert.Equal(["three", "one", "four", "two"], Order(Ask(new() { Sort = "price", SortPartition = "none" }, models: [dear, cheap])));

        var request = Request(r => r with { SortsTogether = true, Provider = new() { Sort = "price" } });
        Assert.Equal(["three", "one", "four", "two"], Order(Plan(request, 1, AllStable, dear, cheap)));
        Assert.Equal(["three", "one"], Order(Ask(new() { Sort = "price", SortPartition = "none", AllowFallbacks = false }, models: [dear, cheap])));
    }

    [Fact]
    public void PreferredThresholds_AllMustHold_TheOthersGoBehind_AlsoAcrossModels_AndNobodyIsDropped()
    {
        var health = Health(
            ("a/m@one", Measured(tokensPerSecond: 100, firstTokenMs: 100)),
            ("a/m@two", Measured(tokensPerSecond: 40, firstTokenMs: 100)),
            ("a/m@four", Measured(tokensPerSecond: 100, firstTokenMs: 2000)),
            ("b/n@five", Measured(tokensPerSecond: 300, firstTokenMs: 50)));
        var other = Model("b/n", Endpoint("five", 50, draft => draft.Model = "b/n"));
        var wish = new ProviderPreferences { Sort = "price", PreferredMinThroughput = new Cutoffs(50), PreferredMaxLatency = new Cutoffs(null, P90: 1) };

        Assert.Equal(["one", "five", "two", "two/turbo", "four"], Order(Ask(wish, health, models: [Four, other])));
        Assert.Equal(["one", "two", "two/turbo", "four"], Order(Ask(wish with { PreferredMinThroughput = new Cutoffs(1000) }, health)));
        Assert.Equal("five", Order(Ask(wish with { PreferredMinThroughput = new Cutoffs(P50: null, P99: 150) }, health, models: [Four, other]))[0]);
    }

    [Fact]
    public void HardForms_DropWhatIsKnownToBeTooSlow_AndKeepWhatIsUnknown_Last()
    {
        var health = Health(("a/m@one", Measured(tokensPerSecond: 10, firstTokenMs: 100)), ("a/m@four", Measured(tokensPerSecond: 90, firstTokenMs: 4000)));
        var fast = Ask(new() { MinThroughput = 50 }, health);
        Assert.Equal("four", Order(fast)[0]);
        Assert.Equal(["two", "two/turbo"], Order(fast)[1..].Order(StringComparer.Ordinal));
        Assert.Equal(RouteFilter.Throughput, fast.Standings[0].Filter);

        var soon = Ask(new() { MaxLatency = 2.5 }, health);
        Assert.Equal("one", Order(soon)[0]);
        Assert.Equal(RouteFilter.Latency, soon.Standings[3].Filter);
    }

    [Fact]
    public void MaxPrice_EveryMemberMustHold_PerMillion()
    {
        Assert.Equal(["one", "two"], Order(Ask(new() { Sort = "price", MaxPrice = new MaxPrice(2, 3, null, 0) })));
        Assert.Empty(Order(Ask(new() { MaxPrice = new MaxPrice(2, 0.5m, null, null) })));
        Assert.Equal(["one"], Order(Ask(new() { MaxPrice = new MaxPrice(null, 1, null, null) { Audio = 0 } })));
    }

    [Fact]
    public void Quantizations_UndeclaredIsUnknown()
    {
        var model = Model("a/m", Endpoint("a", 1, draft => draft.Quantization = "fp8"), Endpoint("b", 2), Endpoint("c", 3, draft => draft.Quantization = "bf16"));
        Assert.Equal(["a", "b"], Order(Ask(new() { Sort = "price", Quantizations = ["fp8", "unknown"] }, models: [model])));
    }

    [Fact]
    public void Distillation_OnlyWhatTheAuthorPermits()
    {
        var wish = new ProviderPreferences { EnforceDistillableText = true };
        Assert.Empty(Order(Ask(wish)));
        Assert.Equal(4, Order(Ask(wish, models: [Four with { IsTrainableText = true }])).Length);
        Assert.Empty(Order(Ask(wish, models: [Four with { IsTrainableText = false }])));
    }

    [Fact]
    public void ServiceTiers_ServeOnlyWhoAsks()
    {
        var model = Model(
            "a/m", Endpoint("one", 3), Endpoint("one", 9, draft => draft.Tag = "one/priority"), Endpoint("one", 1, draft => draft.Tag = "one/flex"));
        Assert.Equal(["one"], Order(Ask(new(), models: [model])));
        Assert.Equal(["one"], Order(Ask(new() { Only = ["one"] }, models: [model])));
        Assert.Equal(["one/flex"], Order(Ask(new() { Only = ["one/flex"] }, models: [model])));
        Assert.Equal(["one/flex", "one"], Order(Ask(new() { Order = ["one/flex"] }, models: [model])));
        Assert.Equal(["one/priority", "one"], Order(Plan(Request(r => r with { ServiceTier = "priority" }), 1, AllStable, model)));
        Assert.Equal(["one/flex"], Order(Plan(Request(r => r with { ServiceTier = "flex" }), 1, AllStable, model)));
    }

    private static readonly Model Tiers = Model(
        "a/m", Endpoint("alpha", 1), Endpoint("beta", 2, draft => draft.Tag = "beta/priority"), Endpoint("gamma", 0.5m, draft => draft.Tag = "gamma/flex"));

    [Theory]
    [InlineData("priority", null)]
    [InlineData("fast", null)]
    [InlineData("flex", null)]
    [InlineData(null, "throughput")]
    [InlineData(null, "price")]
    [InlineData(null, null, "gamma/flex")]
    [InlineData(null, null, null, "gamma/flex")]
    public void AnIgnoredProvider_IsIgnoredInEveryTier(string? tier, string? variant, string? only = null, string? order = null)
    {
        string[] all = ["alpha", "BETA", "gamma"];
        var request = Request(r => r with { ServiceTier = tier, Provider = new() { Only = only is null ? [] : [only], Order = order is null ? [] : [order] } });

        Assert.Empty(Order(PlanOf(request, variant, new AccountSettings { IgnoredProviders = all })));
        var own = request with { Provider = request.Provider with { Ignore = ["beta", "gamma"] } };
        Assert.DoesNotContain(Order(PlanOf(own, variant, AccountSettings.Default)), tag => tag != "alpha");
    }

    [Fact]
    public void ABareSlug_LetsTiersIn_WhereATierIsAskedFor()
    {
        CanonicalRequest Asking(string? tier, ProviderPreferences wish) => Request(r => r with { ServiceTier = tier, Provider = wish });

        Assert.Equal(["beta/priority"], Order(PlanOf(Asking("priority", new() { Only = ["beta"] }))));
        Assert.Equal(["gamma/flex"], Order(PlanOf(Asking("flex", new() { Only = ["GAMMA"] }))));
        Assert.Equal(["beta/priority"], Order(PlanOf(Asking("priority", new()), account: new AccountSettings { AllowedProviders = ["beta"] })));
        // A tier that was not asked for stays out.
        Assert.Empty(Order(PlanOf(Asking("priority", new() { Only = ["gamma"] }))));
        Assert.Empty(Order(PlanOf(Asking("default", new() { Only = ["beta"] }))));
        Assert.Empty(Order(PlanOf(Asking(null, new() { Only = ["beta"] }))));
        Assert.Empty(Order(PlanOf(Asking(null, new() { Only = ["gamma"] }), "price")));

        var two = Model("a/m", Endpoint("alpha", 1), Endpoint("beta", 2, draft => draft.Tag = "beta/priority"), Endpoint("gamma", 3, draft => draft.Tag = "gamma/priority"));
        Assert.Equal("gamma/priority", Order(Plan(Asking("priority", new() { Order = ["gamma"] }), 1, AllStable, two))[0]);
        Assert.Equal(["gamma/priority"], Order(Plan(Asking("priority", new() { Order = ["gamma"], AllowFallbacks = false }), 1, AllStable, two)));
    }

    /// <summary>As Prepare asks for a slug with a sorting variant.</summary>
    private static RoutePlan PlanOf(CanonicalRequest request, string? variant = null, AccountSettings? account = null)
    {
        var sorts = new SortChoice(request, account ?? AccountSettings.Default, ExactoOptions.Default);
        return RoutePlanner.Plan(Query(request, AllStable, [new RequestedModel(Tiers, sorts.For(RouteSorts.Parse(variant)), AlsoTier: sorts.AlsoTier(RouteSorts.Parse(variant)))], account), 1);
    }

    [Fact]
    public void Account_NarrowsAndIsNeverLoosened()
    {
        var some = new AccountSettings { AllowedProviders = ["one", "two"] };
        Assert.Equal(["one", "two", "two/turbo"], Order(Plan(Request(r => r with { Provider = new() { Sort = "price" } }), 1, some, Four)));
        Assert.Equal(["one"], Order(Plan(Request(r => r with { Provider = new() { Only = ["one", "four"] } }), 1, some, Four)));
        Assert.Empty(Order(Plan(Request(r => r with { Provider = new() { Only = ["four"] } }), 1, some, Four)));

        var not = new AccountSettings { IgnoredProviders = ["one"] };
        Assert.Equal(["four"], Order(Plan(Request(r => r with { Provider = new() { Ignore = ["two"], Order = ["one"] } }), 1, not, Four)));
        Assert.Empty(Order(Plan(Request(r => r with { Provider = new() { Only = ["one"] } }), 1, not, Four)));
    }

    [Fact]
    public void Account_TrainingAndRetention()
    {
        var model = Model(
            "a/m",
            Endpoint("unknown", 1),
            Endpoint("trains", 2, draft => draft.Policy = new(true, true, null, false)),
            Endpoint("keeps", 3, draft => draft.Policy = new(false, true, 30, false)),
            Endpoint("clean", 4, draft => (draft.Policy, draft.Zdr) = (new(false, false, 0, false), true)),
            Endpoint("trains", 0, draft => (draft.Tag, draft.Policy) = ("trains/free", new(true, true, null, false))));
        var cheapest = Request(r => r with { Provider = new() { Sort = "price", Zdr = false } });

        Assert.Equal(["trains/free", "keeps", "clean"], Order(Plan(cheapest, 1, new AccountSettings { AllowPaidTraining = false }, model)));
        Assert.Equal(["unknown", "trains", "keeps", "clean"], Order(Plan(cheapest, 1, new AccountSettings { AllowFreeTraining = false }, model)));
        Assert.Equal(["clean"], Order(Plan(cheapest, 1, new AccountSettings { Zdr = true }, model)));
        Assert.Equal(["clean"], Order(Plan(Request(r => r with { Provider = new() { DenyDataCollection = true } }), 1, AccountSettings.Default, model)));
    }

    [Fact]
    public void Uptime_DegradedGoesBehindNormal_AndDownGoesLast()
    {
        var health = Health(
            ("a/m@one", new EndpointHealth { Uptime5m = new Uptime(100, 21) }),
            ("a/m@two", new EndpointHealth { Uptime5m = new Uptime(200, 20) }),
            ("a/m@two/turbo", new EndpointHealth { Uptime5m = new Uptime(99, 99) }));
        for (ulong seed = 0; seed < 100; seed++)
        {
            var order = Order(Ask(new(), health, seed));
            Assert.Equal(["four", "two/turbo"], order[..2].Order(StringComparer.Ordinal));
            Assert.Equal(["two", "one"], order[2..]);
        }
    }

    [Fact]
    public void EqualPrices_StandInRandomOrder_TheSameForASeed()
    {
        var model = Model("a/m", Endpoint("a", 1), Endpoint("b", 2), Endpoint("c", 2), Endpoint("d", 2));
        var tails = Enumerable.Range(0, 600).Select(seed => string.Join(' ', Order(Ask(new() { Sort = "price" }, seed: (ulong)seed, models: [model]))[1..])).ToList();
        Assert.Equal(6, tails.Distinct().Count());
        Assert.All(tails.GroupBy(tail => tail), group => Assert.InRange(group.Count(), 60, 140));
    }

    [Fact]
    public void Unstable_OfThePrimaryModel_GoesBehindStableOnesOfTheOthers()
    {
        var first = Model("a/m", Endpoint("one", 1), Endpoint("two", 2));
        var second = Model("b/n", Endpoint("three", 9, draft => draft.Model = "b/n"));
        var health = Health(("a/m@one", new EndpointHealth { Circuit = CircuitState.Open }), ("a/m@two", new EndpointHealth { Circuit = CircuitState.Open }));
        Assert.Equal(["three", "one", "two"], Order(Plan(Request(), 1, health, first, second)));
    }
}
