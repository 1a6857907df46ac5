using System.Globalization;

namespace Fairlead.Ledger.Tests.Simulation;

/// <summary>M1, M2 and M4 over several nodes. FAIRLEAD_TEST_OPERATIONS and FAIRLEAD_TEST_SEED as for one node; a fifth of the operations are these.</summary>
public sealed class LeaseSimulationTests
{
    private const int PerRun = 20_000;

    [Fact]
    public void AnyInterleavingOfNodesMessagesLossesAndDeaths_KeepsEveryInvariant()
    {
        if (Environment.GetEnvironmentVariable("FAIRLEAD_TEST_SEED") is { Length: > 0 } given)
        {
            Run(int.Parse(given, CultureInfo.InvariantCulture), PerRun);
            return;
        }

        var operations = int.Parse(Environment.GetEnvironmentVariable("FAIRLEAD_TEST_OPERATIONS") ?? "1000000", CultureInfo.InvariantCulture) / 5;
        var first = Environment.TickCount;
        for (var run = 0; run * PerRun < operations; run++)
        {
            var simulation = Run(unchecked(first + run), PerRun);
            Assert.True(simulation is { Deaths: > 20, Acknowledged: > PerRun / 100, HandedBack: > 50, Journaled: > 50 }, $"The run of seed {unchecked(first + run)} did too little to mean anything: {simulation.Deaths} deaths, {simulation.Acknowledged} charges, {simulation.HandedBack} handed back, {simulation.Journaled} kept in journals.");
        }
    }

    /// <summary>An account in doubt with a charge in the journal: nothing of it may be handed back before both are known.</summary>
    [Fact]
    public void ASeedThatOnceBrokeTheSimulation_Holds() => Run(71529629, PerRun);

    [Fact]
    public void TheSameSeed_TakesTheSameWay()
    {
        Assert.Equal(Run(42, 5_000).Trace, Run(42, 5_000).Trace);
        Assert.NotEqual(Run(42, 5_000).Trace, Run(43, 5_000).Trace);
    }

    [Theory]
    [InlineData(LeaseFlaw.HandsBackTooMuch)]
    [InlineData(LeaseFlaw.FreesBeforeItSettles)]
    [InlineData(LeaseFlaw.TakesBackWhatWasKept)]
    public void NodesWithAFault_AreFound(LeaseFlaw flaw) =>
        Assert.ThrowsAny<Exception>(() => Enumerable.Range(0, 20).ToList().ForEach(seed => Run(seed, PerRun, flaw)));

    private static LeaseSimulation Run(int seed, int operations, LeaseFlaw flaw = LeaseFlaw.None)
    {
        var simulation = new LeaseSimulation(seed, flaw);
        var operation = 0;
        try
        {
            for (; operation < operations; operation++)
                simulation.Step();
            simulation.Finish();
            return simulation;
        }
        catch (InvariantBrokenException broken)
        {
            throw new InvariantBrokenException($"Seed {seed}, operation {operation}: {broken.Message} FAIRLEAD_TEST_SEED={seed} replays it.");
        }
    }
}
