using System.Diagnostics;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Waits for something another process or task does, with a bound.</summary>
internal static class Poll
{
    public static Task UntilAsync(Func<bool> condition, string what, int withinMs = 20_000) => UntilAsync(() => Task.FromResult(condition()), what, withinMs);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int withinMs = 20_000)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
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
