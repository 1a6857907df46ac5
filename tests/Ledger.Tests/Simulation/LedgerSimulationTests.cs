using System.Globalization;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>
/// M1–M4 over simulated runs. FAIRLEAD_TEST_OPERATIONS sets how many operations in all (default 1,000,000), FAIRLEAD_TEST_SEED replays one run.
/// </summary>
public sealed class LedgerSimulationTests
{
    private const int PerRun = 100_000;

    [Fact]
    public void AnyInterleavingOfHoldsChargesCrashesAndClock_KeepsEveryInvariant()
    {
        if (Environment.GetEnvironmentVariable("FAIRLEAD_TEST_SEED") is { Length: > 0 } given)
        {
            Run(int.Parse(given, CultureInfo.InvariantCulture), PerRun);
            return;
        }

        var operations = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_OPERATIONS") ?? "1000000", CultureInfo.InvariantCulture);
        var first = Environment.TickCount;
        for (var run = 0; run * PerRun < operations; run++)
        {
            var simulation = Run(unchecked(first + run), Math.Min(PerRun, operations - (run * PerRun)));
            Assert.True(operations < PerRun || (simulation.Crashes > 10 && simulation.Acknowledged > PerRun / 50), "The run did too little to mean anything.");
        }
    }

    [Fact]
    public void TheSameSeed_TakesTheSameWay()
    {
        Assert.Equal(Run(42, 20_000).Trace, Run(42, 20_000).Trace);
        Assert.NotEqual(Run(42, 20_000).Trace, Run(43, 20_000).Trace);
    }

    [Theory]
    [InlineData(Flaw.ChargesDuplicates)]
    [InlineData(Flaw.AcknowledgesFailures)]
    [InlineData(Flaw.ForgetsKeyUsage)]
    public void AFlawInTheDatabase_IsFound(Flaw flaw) =>
        Assert.Throws<InvariantBrokenException>(() =>
        {
            var simulation = new LedgerSimulation(7, flaw);
            for (var operation = 0; operation < PerRun; operation++)
                simulation.Step();
            simulation.CheckAll();
        });

    private static LedgerSimulation Run(int seed, int operations)
    {
        var simulation = new LedgerSimulation(seed);
        var operation = 0;
        try
        {
            for (; operation < operations; operation++)
                simulation.Step();
            simulation.CheckAll();
            return simulation;
        }
        catch (InvariantBrokenException broken)
        {
            throw new InvariantBrokenException($"Seed {seed}, operation {operation}: {broken.Message}. FAIRLEAD_TEST_SEED={seed} replays it.");
        }
    }
}
