using Fairlead.Catalog.Health;

namespace Fairlead.Catalog.Tests.Health;

public sealed class WindowTests
{
    [Fact]
    public void Outcomes_LeaveTheWindowWithTheirSlot()
    {
        var window = new OutcomeWindow(1000, 30);
        window.Add(500, failed: true);
        window.Add(10_000, failed: false);

        Assert.Equal(new Uptime(2, 1), window.Sum(29_999, 30));
        Assert.Equal(new Uptime(1, 0), window.Sum(30_000, 30));
        Assert.Equal(new Uptime(0, 0), window.Sum(40_000, 30));
        Assert.Equal(new Uptime(1, 0), window.Sum(12_000, 5));
    }

    [Fact]
    public void Outcomes_ASlotOfAnEarlierRound_CountsNothing_AndBeginsAnew()
    {
        var window = new OutcomeWindow(1000, 30);
        for (var i = 0; i < 7; i++)
            window.Add(5_000, failed: true);
        window.Add(35_000, failed: false);

        Assert.Equal(new Uptime(1, 0), window.Sum(35_000, 30));
    }

    [Fact]
    public async Task Outcomes_FromManyThreads_NoneIsLost()
    {
        var window = new OutcomeWindow(1000, 30);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
                window.Add(i % 20_000, failed: i % 5 == 0);
        })));

        Assert.Equal(new Uptime(200_000, 40_000), window.Sum(20_000, 30));
    }

    [Fact]
    public void Percentiles_AreWithinSixPercent()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 5000).Select(_ => Math.Exp((random.NextDouble() * 9) - 2)).ToArray();
        var window = new SampleWindow(30_000, 10);
        foreach (var value in values)
            window.Add(1, value);
        var bins = new int[SampleWindow.Bins];
        window.AddTo(bins, 1);
        Array.Sort(values);

        var latency = SampleWindow.PercentilesOf(bins, descending: false);
        Assert.Equal(5000, latency.Samples);
        foreach (var (share, seen) in new[] { (0.5, latency.P50), (0.75, latency.P75), (0.9, latency.P90), (0.99, latency.P99) })
            Assert.InRange(seen, values[(int)(share * 5000) - 1] * 0.94, values[(int)(share * 5000) - 1] * 1.06);

        var throughput = SampleWindow.PercentilesOf(bins, descending: true);
        foreach (var (share, seen) in new[] { (0.5, throughput.P50), (0.75, throughput.P75), (0.9, throughput.P90), (0.99, throughput.P99) })
            Assert.InRange(seen, values[(int)((1 - share) * 5000)] * 0.94, values[(int)((1 - share) * 5000)] * 1.06);
    }

    [Fact]
    public async Task Samples_FromManyThreads_NoneIsLost_AndOldOnesLeave()
    {
        var window = new SampleWindow(30_000, 10);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
                window.Add(i * 10, 1 + (i % 3));
        })));
        var bins = new int[SampleWindow.Bins];
        window.AddTo(bins, 200_000);
        Assert.Equal(80_000, bins.Sum());

        Array.Clear(bins);
        window.AddTo(bins, 600_000);
        Assert.Equal(0, bins.Sum());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void Samples_BeyondTheScale_CountAsItsLimit(double value)
    {
        var window = new SampleWindow(30_000, 10);
        window.Add(1, value);
        var bins = new int[SampleWindow.Bins];
        window.AddTo(bins, 1);

        Assert.Equal(1, bins.Sum());
        Assert.True(float.IsFinite(SampleWindow.PercentilesOf(bins, descending: false).P99));
    }
}
