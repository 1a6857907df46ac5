using Fairlead.Inference.Route.Decisions;
using FsCheck.Fluent;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Decisions as they are kept with generations.</summary>
public sealed class DecisionTests
{
    /// <summary>From the stored text alone: no catalog, no request, no health.</summary>
    [Fact]
    public void TenThousandStoredDecisions_ReplayBitForBit()
    {
        var cases = Gen.Sample(RouteCases.Any, 10_000, 30).ToList();
        Assert.Equal(10_000, cases.Count);
        foreach (var one in cases)
        {
            var plan = one.Plan();
            var decision = DecisionReader.Decode(DecisionWriter.Encode(plan))!;
            var again = decision.Replay();

            Assert.Equal((plan.Seed, plan.CatalogVersion), (decision.Seed, decision.CatalogVersion));
            Assert.Equal(plan.Attempts, decision.Attempts);
            for (var i = 0; i < again.Length; i++)
            {
                var was = plan.Standings[i];
                Assert.Equal((was.Filter, was.Order, BitConverter.DoubleToInt64Bits(was.Odds)), (again[i].Filter, again[i].Order, BitConverter.DoubleToInt64Bits(again[i].Odds)));
                Assert.Equal((was.Price, was.Estimate, was.Worst), (again[i].Price, again[i].Estimate, again[i].Worst));
                Assert.Equal(plan.Candidates[i].Endpoint.Tag, decision.Names[i].Tag);
            }
        }
    }

    [Fact]
    public void AChangedFact_DoesNotReplayTheSame()
    {
        var model = Routes.Model("a/m", Routes.Endpoint("one", 1), Routes.Endpoint("two", 2));
        var decision = DecisionReader.Decode(DecisionWriter.Encode(Routes.Plan(Routes.Request(), 1, Routes.AllStable, model)))!;
        decision.Standings[0].Price *= 10;
        Assert.NotEqual(decision.Standings.Select(s => s.Odds), decision.Replay().Select(s => s.Odds));
    }

    [Fact]
    public void Damaged_IsNoDecision_WhateverWasDamaged()
    {
        var text = DecisionWriter.Encode(RouteCases.Any.Sample(20, 30).First(one => one.Models.Sum(m => m.LiveEndpoints.Count) > 3).Plan());
        var bytes = Convert.FromBase64String(text);
        for (var cut = 0; cut < bytes.Length; cut++)
            Assert.Null(DecisionReader.Decode(Convert.ToBase64String(bytes.AsSpan(0, cut))));
        var random = new System.Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            _ = DecisionReader.Decode(Convert.ToBase64String(damaged));
        }

        Assert.Null(DecisionReader.Decode("not base64"));
        Assert.Null(DecisionReader.Decode("{}"));
    }

    [Fact]
    public void IdsThatAreUuids_AndOthers_ComeBackAsTheyWere()
    {
        string[] ids = ["1e93b0bb-eb0f-49bc-8fda-947105413b86", "1E93B0BB-EB0F-49BC-8FDA-947105413B86", "a/m@one", "0"];
        var model = Routes.Model("a/m", [.. ids.Select((id, i) => Routes.Endpoint("p" + i, i + 1) with { Id = id })]);
        Assert.Equal(ids, DecisionReader.Decode(DecisionWriter.Encode(Routes.Plan(Routes.Request(), 1, Routes.AllStable, model)))!.Names.Select(name => name.Id));
    }

    [Fact]
    public void FiveEndpoints_TakeLessThanHalfAKilobyte()
    {
        var model = Routes.Model("author/some-model", [.. Enumerable.Range(0, 5).Select(i => Routes.Endpoint("provider-" + i, i + 1))]);
        Assert.InRange(DecisionWriter.Encode(Routes.Plan(Routes.Request(), 1, Routes.AllStable, model)).Length, 100, 512);
    }
}
