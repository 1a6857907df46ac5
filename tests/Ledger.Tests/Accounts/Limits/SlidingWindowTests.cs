using FsCheck;
using FsCheck.Fluent;
using Fairlead.Accounts.Limits;

namespace Fairlead.Ledger.Tests.Accounts.Limits;

/// <summary>The window against a list of everything that was ever counted.</summary>
public sealed class SlidingWindowTests
{
    private const long Length = 60_000;

    public sealed record Step(int PassMs, int Requests, int Tokens, int Correct);

    private static readonly Gen<Step[]> Steps =
        Gen.ArrayOf(
            from pass in Gen.Frequency((6, Gen.Choose(0, 3)), (2, Gen.Choose(0, 400)), (1, Gen.Choose(0, 70_000)))
            from requests in Gen.Frequency((4, Gen.Choose(0, 3)), (1, Gen.Choose(100, 400)))
            from tokens in Gen.Choose(0, 100)
            from correct in Gen.Choose(0, 1000)
            select new Step(pass, requests, tokens, correct));

    [Fact]
    public void AnyHistory_CountsEverythingOfTheLastMinute_AndNothingLongerThanAQuarterSecondMore() =>
        Prop.ForAll(Steps.ToArbitrary(), Holds).QuickCheckThrowOnFailure();

    private static bool Holds(Step[] steps)
    {
        var window = new SlidingWindow(Length);
        var counted = new List<(long At, long Slot, long Tokens)>();
        var now = 1_000L;
        foreach (var step in steps)
        {
            now += step.PassMs;
            window.MoveTo(now);
            for (var i = 0; i < step.Requests; i++)
                counted.Add((now, window.Add(now, step.Tokens), step.Tokens));
            if (counted.Count > 0)
            {
                var which = step.Correct % counted.Count;
                var (at, slot, tokens) = counted[which];
                window.Correct(slot, 0, -(tokens / 2));
                counted[which] = (at, slot, tokens - (tokens / 2));
            }

            var least = counted.Where(c => now - c.At < Length).ToList();
            var most = counted.Where(c => now - c.At < Length + (Length / SlidingWindow.Parts) + 1).ToList();
            // Corrections of what is just leaving may be late or early by that much, so tokens are only bounded by what was counted at first.
            if (window.Requests < least.Count || window.Requests > most.Count || window.Tokens < least.Sum(c => c.Tokens))
                return false;
            if (counted.Count <= SlidingWindow.Exact && (window.Requests != least.Count || window.Tokens != least.Sum(c => c.Tokens)))
                return false;
        }

        window.MoveTo(now + Length + (Length / SlidingWindow.Parts));
        return window is { IsEmpty: true, Requests: 0, Tokens: 0 };
    }

    [Fact]
    public void WaitFor_IsWhenTheOldestHaveLeft()
    {
        var window = new SlidingWindow(Length);
        foreach (var at in (long[])[0, 10_000, 20_000])
            window.Add(at, tokens: 5);
        window.MoveTo(30_000);

        Assert.Equal(0, window.WaitFor(30_000, requests: 3, tokens: 100));
        Assert.Equal(30_000, window.WaitFor(30_000, requests: 2, tokens: 100));
        Assert.Equal(40_000, window.WaitFor(30_000, requests: 3, tokens: 5));
        Assert.Equal(50_000, window.WaitFor(30_000, requests: 0, tokens: 100));
    }

    [Fact]
    public void AMillionRequestsInAMinute_StayInAFewHundredSlots()
    {
        var window = new SlidingWindow(Length);
        var slot = 0L;
        for (var i = 0; i < 1_000_000; i++)
            slot = window.Add(i * Length / 1_000_000, tokens: 1);
        Assert.Equal(1_000_000, window.Requests);
        Assert.InRange(slot, SlidingWindow.Exact, 511);
    }
}
