using System.Diagnostics;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Waits for something another process or task does, with a bound.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<bool> condition, string what, int withinMs = 20_000)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.ElapsedMilliseconds < withinMs, $"not within {withinMs} ms: {what}");
            await BrieflyAsync();
        }
    }

    public static async Task BrieflyAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        await timer.WaitForNextTickAsync();
    }
}
