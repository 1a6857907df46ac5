using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Fairlead.Accounts.Limits;
using Fairlead.Testing;

namespace Fairlead.Ledger.Tests.Accounts.Limits;

/// <summary>Whatever happens in whatever order: no sixty seconds hold more than a limit allows, and what is allowed is not refused.</summary>
public sealed class RateLimiterPropertyTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    public enum Verb
    {
        Begin,
        Pass,
        Complete,
        Cancel,
        Sweep,
        SetClock,
    }

    public sealed record Step(Verb Verb, int Key, int Amount);

    private static readonly Gen<Step[]> Steps =
        Gen.ArrayOf(
            from verb in Gen.Elements(Verb.Begin, Verb.Begin, Verb.Begin, Verb.Begin, Verb.Pass, Verb.Pass, Verb.Complete, Verb.Complete, Verb.Cancel, Verb.Sweep, Verb.SetClock)
            from key in Gen.Choose(0, 2)
            from amount in Gen.Choose(0, 40)
            select new Step(verb, key, amount));

    private sealed record Begun(long At, int Key, long Tokens, RatePermit? Permit);

    [Fact]
    public void AnyHistory_AdmitsExactlyWhatEveryLimitAllows() =>
        Prop.ForAll(Steps.ToArbitrary(), Gen.Choose(1, 6).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), Holds)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(150));

    private static bool Holds(Step[] steps, int rpm, int concurrency)
    {
        var clock = new SetClock(new(2026, 3, 1, 23, 59, 0, TimeSpan.Zero));
        var limiter = new RateLimiter(clock, NothingUsedAsync);
        var (key, account) = (new RateLimits(rpm, 60, concurrency), new RateLimits(rpm * 2, 100, concurrency + 1));
        var begun = new List<Begun>();
        foreach (var step in steps)
        {
            switch (step.Verb)
            {
                case Verb.Begin:
                    var allowed = Allows(begun, clock, step.Key, key, step.Amount) && Allows(begun, clock, null, account, step.Amount);
                    var outcome = Begin(limiter, new(step.Key, key, 1, account, step.Amount));
                    if (outcome.Permit is not null != allowed || outcome.Refusal is null != allowed)
                        return false;
                    if (outcome.Permit is { } permit)
                        begun.Add(new(clock.GetTimestamp(), step.Key, step.Amount, permit));
                    break;
                case Verb.Pass:
                    clock.Pass(TimeSpan.FromSeconds(step.Amount / 2.0));
                    break;
                case Verb.SetClock:
                    clock.Now += TimeSpan.FromMinutes(step.Amount - 20);
                    break;
                case Verb.Sweep:
                    limiter.Sweep();
                    break;
                default:
                    End(begun, step);
                    break;
            }
        }

        return true;
    }

    private static RateOutcome Begin(RateLimiter limiter, RateRequest request) => limiter.BeginAsync(request).AsTask().GetAwaiter().GetResult();

    private static Task<long> NothingUsedAsync(long accountId, DateOnly day) => Task.FromResult(0L);

    private static void End(List<Begun> begun, Step step)
    {
        var which = begun.FindIndex(one => one.Permit is not null && one.Key == step.Key);
        if (which < 0)
            return;
        var one = begun[which];
        if (step.Verb is Verb.Cancel)
        {
            one.Permit!.Cancel();
            begun.RemoveAt(which);
        }
        else
        {
            one.Permit!.Complete(step.Amount, false);
            begun[which] = one with { Tokens = step.Amount, Permit = null };
        }
    }

    private static bool Allows(List<Begun> begun, SetClock clock, int? key, RateLimits limits, long tokens)
    {
        var mine = begun.Where(one => key is null || one.Key == key).ToList();
        var recent = mine.Where(one => clock.GetElapsedTime(one.At) < Window).ToList();
        return recent.Count < limits.Rpm && recent.Sum(one => one.Tokens) + tokens <= limits.Tpm && mine.Count(one => one.Permit is not null) < limits.Concurrency;
    }

    [Fact]
    public async Task ManyAtOnce_ExactlyTheLimitGetsIn()
    {
        var clock = new SetClock(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var limiter = new RateLimiter(clock, NothingUsedAsync);
        for (var minute = 0; minute < 20; minute++)
        {
            var got = new ConcurrentBag<RatePermit>();
            using var together = new Barrier(8);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
            {
                together.SignalAndWait();
                for (var i = 0; i < 50; i++)
                {
                    if (Begin(limiter, new(caller % 4, new(30, null, null), 1, new(100, null, null), 1)).Permit is { } permit)
                        got.Add(permit);
                    if (caller == 0 && i % 10 == 0)
                        limiter.Sweep();
                }
            })));
            Assert.Equal(100, got.Count);
            Parallel.ForEach(got, static permit => permit.Complete(0, false));
            clock.Pass(Window);
        }

        limiter.Sweep();
        Assert.Equal(0, limiter.Count);
    }
}
