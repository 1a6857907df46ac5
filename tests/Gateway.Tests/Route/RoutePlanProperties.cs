using Fairlead.Inference.Route;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>What holds of every plan, whatever is asked of whatever catalog in whatever health.</summary>
public sealed class RoutePlanProperties
{
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("FAIRLEAD_ROUTE_CASES"), out var cases) ? cases : 1000;

    [Fact]
    public void APlanNeverHoldsAnExcludedEndpoint() => Check(RouteCases.Any, one =>
    {
        var plan = one.Plan();
        return plan.Attempts.All(index => !one.Excludes(plan.Candidates[index].Endpoint, plan.Candidates[index].Model, plan.Standings[index].Health))
            && plan.Standings.Count(standing => standing.Kept) == plan.Attempts.Length;
    });

    /// <summary>Soft rules aside: what a filter of the request drops can make others be preferred, but never makes one appear that was not there.</summary>
    [Fact]
    public void NarrowingAHardPreference_NeverAddsAnEndpoint() => Check(RouteCases.Any.Zip(RouteCases.Narrowings), pair =>
    {
        var (wide, narrow) = (pair.Item1, pair.Item1 with { Wish = pair.Item2(pair.Item1.Wish) });
        var before = wide.WithoutSoftRules().Plan();
        var after = narrow.WithoutSoftRules().Plan();
        return Served(after).IsSubsetOf(Served(before));
    });

    [Fact]
    public void OrderIsTotal_AndTheSameForASeed() => Check(RouteCases.Any, one =>
    {
        var (plan, again) = (one.Plan(), one.Plan());
        return plan.Attempts.SequenceEqual(again.Attempts) && plan.Standings.SequenceEqual(again.Standings)
            && plan.Attempts.Distinct().Count() == plan.Attempts.Length
            && plan.Attempts.Select((index, place) => plan.Standings[index].Order == place).All(same => same)
            && plan.Standings.All(standing => standing.Kept == (standing.Order >= 0));
    });

    [Fact]
    public void WithoutFallbacksAndOrder_AtMostOneEndpointPerModel() => Check(RouteCases.Any, one =>
    {
        var plan = (one with { Wish = one.Wish with { AllowFallbacks = false, Order = [] } }).Plan();
        return plan.Attempts.GroupBy(index => plan.Candidates[index].ModelOrder).All(model => model.Count() == 1);
    });

    [Fact]
    public void AnUnstableEndpointIsNeverBeforeAStableOne() => Check(RouteCases.Any, one =>
    {
        var plan = one.Plan();
        var unstable = plan.Attempts.Select(index => plan.Standings[index].Unstable).ToList();
        return unstable.SequenceEqual(unstable.Order());
    });

    [Fact]
    public void OddsOfAModelSumToOne_WhereItHasAnEndpoint() => Check(RouteCases.Any, one =>
    {
        var plan = one.Plan();
        var together = plan.Rules.Together;
        return plan.Attempts.Select(index => together ? 0 : plan.Candidates[index].ModelOrder).Distinct()
            .All(model => Math.Abs(plan.Standings.Where(s => together || s.Model == model).Sum(s => s.Odds) - 1) < 1e-9);
    });

    private static HashSet<string> Served(RoutePlan plan) => [.. plan.Attempts.Select(index => plan.Candidates[index].Endpoint.Id)];

    private static void Check<T>(Gen<T> cases, Func<T, bool> holds) =>
        Prop.ForAll(cases.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
}
