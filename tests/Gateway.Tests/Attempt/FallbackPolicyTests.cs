using Fairlead.Inference.Attempt;
using Fairlead.Inference.Route;
using Fairlead.Protocols.Errors;
using static Fairlead.Gateway.Tests.Route.Routes;

namespace Fairlead.Gateway.Tests.Attempt;

/// <summary>The failure table of the architecture (§4), row by row, without a network.</summary>
public sealed class FallbackPolicyTests
{
    [Theory]
    // Connection trouble and 500: every endpoint once, then once more on the last one.
    [InlineData(RetryClass.NextOrSame, null, "one two three three")]
    [InlineData(RetryClass.Next, null, "one two three")]
    [InlineData(RetryClass.Credentials, null, "one two three")]
    [InlineData(RetryClass.UnknownModel, null, "one two three")]
    // 400 other: one other endpoint. 400 context or policy: none.
    [InlineData(RetryClass.NextOnce, null, "one two")]
    [InlineData(RetryClass.NextModel, null, "one")]
    // 429: the next; where nothing is left, a short wait and once more on the one that is free first.
    [InlineData(RetryClass.RateLimited, 2, "one two three one")]
    [InlineData(RetryClass.RateLimited, 4, "one two three")]
    [InlineData(RetryClass.RateLimited, null, "one two three")]
    public void OneModel_AttemptsFollowTheTable(RetryClass retry, int? retryAfter, string expected) =>
        Assert.Equal(expected, Walk(OneModel(), retry, retryAfter));

    [Theory]
    [InlineData(RetryClass.NextOrSame, "one two two four four")]
    [InlineData(RetryClass.Next, "one two four")]
    [InlineData(RetryClass.NextOnce, "one two four")]
    [InlineData(RetryClass.NextModel, "one four")]
    public void TwoModels_TheNextModelFollows(RetryClass retry, string expected) => Assert.Equal(expected, Walk(TwoModels(), retry, null));

    [Fact]
    public void ModerationBlock_OnlyUnmoderatedEndpointsFollow()
    {
        var model = Model(
            "a/m", Endpoint("one", 1, d => d.Moderated = true), Endpoint("two", 2, d => d.Moderated = true), Endpoint("three", 3));
        Assert.Equal("one three", Walk(Cheapest(model), RetryClass.Unmoderated, null));
    }

    [Fact]
    public void NothingLeft_The400OfTheLastModelIsShown_NotWhatCameAfterIt()
    {
        var policy = new FallbackPolicy(OneModel());
        var first = policy.First()!.Value;
        var bad = new UpstreamFailure { Kind = ErrorKind.InvalidRequest, Retry = RetryClass.NextOnce, Message = "no", Status = 400 };
        var second = policy.After(first.Index, bad)!.Value;
        policy.After(second.Index, new UpstreamFailure { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Message = "down", Status = 502 });

        Assert.Same(bad, policy.Verdict().Failure);
    }

    [Fact]
    public void RetryOnTheSameEndpoint_WaitsBetween50And150Milliseconds()
    {
        var policy = new FallbackPolicy(Cheapest(Model("a/m", Endpoint("one", 1))));
        var again = policy.After(policy.First()!.Value.Index, Failure(RetryClass.NextOrSame, null));

        Assert.InRange(again!.Value.Pause.TotalMilliseconds, 50, 150);
    }

    [Fact]
    public void EndpointWhoseCircuitIsOpen_IsTriedWhenNothingElseIsLeft_AlsoOfTheNextModel()
    {
        var plan = TwoModels();
        var policy = new FallbackPolicy(plan);
        var tried = new List<string>();
        for (var next = policy.First(); next is { } attempt;)
        {
            var tag = plan.Candidates[attempt.Index].Endpoint.Tag;
            if (tag == "one" && !attempt.Regardless)
            {
                next = policy.Postpone(attempt.Index);
                continue;
            }

            tried.Add(tag);
            next = policy.After(attempt.Index, Failure(RetryClass.Next, null));
        }

        Assert.Equal(["two", "four", "one"], tried);
    }

    [Fact]
    public void SecondTryOnTheSameEndpoint_IsNotHeldBackByItsCircuit()
    {
        var policy = new FallbackPolicy(Cheapest(Model("a/m", Endpoint("one", 1))));
        var first = policy.First()!.Value;
        Assert.False(first.Regardless);
        var alone = policy.Postpone(first.Index)!.Value;
        Assert.True(alone.Regardless);
        Assert.True(policy.After(alone.Index, Failure(RetryClass.NextOrSame, null))!.Value.Regardless);
        Assert.False(policy.Again(alone.Index));
    }

    private static RoutePlan OneModel() => Cheapest(Model("a/m", Endpoint("one", 1), Endpoint("two", 2), Endpoint("three", 3)));

    private static RoutePlan TwoModels() => Cheapest(
        Model("a/m", Endpoint("one", 1), Endpoint("two", 2)), Model("b/n", Endpoint("four", 4, draft => draft.Model = "b/n")));

    /// <summary>A plan without a draw: cheapest first.</summary>
    private static RoutePlan Cheapest(params Catalog.Snapshot.Model[] models) => RoutePlanner.Plan(
        Query(Request(), AllStable, [.. models.Select(m => new RequestedModel(m, RouteSort.Price))]), 42);

    private static string Walk(RoutePlan plan, RetryClass retry, int? retryAfterSeconds)
    {
        var policy = new FallbackPolicy(plan);
        var tried = new List<string>();
        for (var next = policy.First(); next is { } attempt; next = policy.After(attempt.Index, Failure(retry, retryAfterSeconds)))
        {
            tried.Add(plan.Candidates[attempt.Index].Endpoint.Tag);
            Assert.True(tried.Count <= 10, "the loop must end");
        }

        Assert.All(tried.GroupBy(tag => tag, StringComparer.Ordinal), group => Assert.True(group.Count() <= 2));
        return string.Join(' ', tried);
    }

    private static UpstreamFailure Failure(RetryClass retry, int? retryAfterSeconds) => new()
    {
        Kind = ErrorKind.ProviderUnavailable,
        Retry = retry,
        Message = "failed",
        RetryAfter = retryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };
}
