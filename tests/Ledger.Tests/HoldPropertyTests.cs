using FsCheck;
using FsCheck.Fluent;
using Fairlead.Ledger.Holds;
using Fairlead.Ledger.Postings;
using Fairlead.Ledger.Verification;
using Fairlead.Storage;

namespace Fairlead.Ledger.Tests;

/// <summary>M3 and M4: random sequences of hold, grow, shrink, settle and release against a model that only adds and subtracts.</summary>
public abstract class HoldPropertyTests(DatabaseEngine engine) : LedgerTests(engine)
{
    private const long Unit = 10_000_000_000;
    private const int Credit = 100;
    private const int Limit = 60;

    public enum Verb
    {
        Hold,
        Grow,
        Shrink,
        Settle,
        Release,
    }

    public sealed record Step(Verb Verb, int Which, int Amount);

    private static readonly Gen<Step[]> Steps =
        Gen.ArrayOf(
            from verb in Gen.Elements(Verb.Hold, Verb.Hold, Verb.Grow, Verb.Shrink, Verb.Settle, Verb.Settle, Verb.Release)
            from which in Gen.Choose(0, 5)
            from amount in Gen.Choose(0, 40)
            select new Step(verb, which, amount));

    [Fact]
    public async Task AnySequence_NeverPromisesMoreThanThereIsAndEntriesSumToTheBalance()
    {
        await using var test = await StartAsync();
        var accountId = 1000L;
        Prop.ForAll(Steps.ToArbitrary(), steps => RunAsync(test, Interlocked.Increment(ref accountId), steps).GetAwaiter().GetResult())
            .QuickCheckThrowOnFailure();

        var report = new StringWriter();
        Assert.True(test.Get<LedgerVerifier>().Verify(report), report.ToString());
    }

    private static async Task<bool> RunAsync(TestLedger test, long accountId, Step[] steps)
    {
        await test.Ledger.PostAsync(new()
        {
            AccountId = accountId, Kind = PostingKind.Grant, Amount = new(Credit * Unit), IdempotencyKey = $"grant {accountId}", Actor = "test",
        });
        var limit = accountId % 2 == 0 ? new KeyLimit(new(Limit * Unit), UsageWindow.Daily, false) : (KeyLimit?)null;
        var held = new List<(Hold Hold, long Units)>();
        var charged = 0L;
        var number = 0;
        foreach (var step in steps)
        {
            var free = Math.Min(Credit, limit is null ? Credit : Limit) - charged - held.Sum(static h => h.Units);
            if (step.Verb is Verb.Hold)
            {
                var outcome = await test.Ledger.TryHoldAsync(new()
                {
                    GenerationId = $"gen-{accountId}-{number++}", AccountId = accountId, KeyId = accountId, KeyLimit = limit, Amount = new(step.Amount * Unit),
                });
                if (outcome.Granted != (step.Amount <= free) || (!outcome.Granted && outcome.Available != new Credits(free * Unit)))
                {
                    return false;
                }

                if (outcome.Granted)
                {
                    held.Add((outcome.Hold, step.Amount));
                }
            }
            else if (held.Count > 0)
            {
                var which = step.Which % held.Count;
                var (hold, units) = held[which];
                switch (step.Verb)
                {
                    case Verb.Grow:
                        var grew = await hold.TryGrowAsync(new(step.Amount * Unit));
                        if (grew != (step.Amount <= free))
                        {
                            return false;
                        }

                        held[which] = (hold, grew ? units + step.Amount : units);
                        break;
                    case Verb.Shrink:
                        hold.Shrink(new(step.Amount * Unit));
                        held[which] = (hold, Math.Max(0, units - step.Amount));
                        break;
                    case Verb.Settle:
                        var cost = step.Amount * 2;
                        var expected = Math.Min(cost, units + free);
                        var generation = test.Generation(hold.GenerationId, 0) with { AccountId = accountId, KeyId = accountId, Cost = new(cost * Unit) };
                        if (await test.Ledger.SettleAsync(hold, generation) != new Credits(expected * Unit))
                        {
                            return false;
                        }

                        charged += expected;
                        held.RemoveAt(which);
                        break;
                    default:
                        hold.Dispose();
                        held.RemoveAt(which);
                        break;
                }
            }

            var balance = test.Ledger.Balance(accountId);
            if (balance.Held != new Credits(held.Sum(static h => h.Units) * Unit) || balance.Balance != new Credits((Credit - charged) * Unit)
                || balance.Available.IsNegative)
            {
                return false;
            }
        }

        held.ForEach(static h => h.Hold.Dispose());
        return test.Ledger.Balance(accountId).Held == Credits.Zero;
    }
}

public sealed class HoldPropertyTestsOnSqlite() : HoldPropertyTests(DatabaseEngine.Sqlite);

public sealed class HoldPropertyTestsOnPostgreSql() : HoldPropertyTests(DatabaseEngine.PostgreSql);
