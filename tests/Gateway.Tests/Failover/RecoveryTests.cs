using System.Text.Json.Nodes;
using Fairlead.Catalog.Health;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>
/// A primary that is down for a minute and then healthy, one call every 4 seconds: every call is answered, a failing primary is asked at most once per
/// probe period, and traffic is back within 30 seconds. The gateway is real, over sockets; its clock is moved by the test.
/// </summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);

    [Theory]
    // Two failures make an outage, which is behind the stable one; the circuit opens with the third.
    [InlineData("status=503", false, 2, new[] { 4, 8, 36, 52 })]
    [InlineData("cut_headers=1", true, 2, new[] { 4, 8, 36, 52 })]
    // Without outages: the third in a row opens, a probe 15 seconds later, then one every 20.
    [InlineData("status=500", true, 1000, new[] { 4, 8, 12, 28, 48 })]
    [InlineData("cut_after=0", false, 1000, new[] { 4, 8, 12, 28, 48 })]
    // Refused credentials are left alone from the first.
    [InlineData("status=401", false, 2, new[] { 4, 24, 44 })]
    public async Task PrimaryDownForAMinute_EveryCallAnswered_OneProbePerPeriod_TrafficBackWithin30Seconds(string fault, bool stream, int outageFailures, int[] expected)
    {
        var clock = new SetClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var primary = await Primary.StartAsync(fault, clock);
        await using var host = await GatewayHost.StartAsync(new() { Config = primary.Config(Circuit(("outage_failures", outageFailures), ("broken_probe_s", 20))), Clock = clock });
        await host.ChatAsync(ChatClient.Body(stream: stream));
        Assert.Equal(1, primary.Answered);

        primary.Down = true;
        var downSince = clock.Now;
        await CallEveryPeriodAsync(host, clock, stream, TimeSpan.FromSeconds(60));
        Assert.Equal(expected, primary.AskedAt.Where(at => at > downSince).Select(at => (int)(at - downSince).TotalSeconds));

        primary.Down = false;
        var answered = primary.Answered;
        var upSince = clock.Now;
        while (primary.Answered == answered)
        {
            Assert.True(clock.Now - upSince <= TimeSpan.FromSeconds(30), "no traffic after 30 seconds");
            await CallEveryPeriodAsync(host, clock, stream, Period);
        }

        answered = primary.Answered;
        await CallEveryPeriodAsync(host, clock, stream, TimeSpan.FromSeconds(20));
        Assert.Equal(answered + 5, primary.Answered);
    }

    [Fact]
    public async Task ManyCallsAtOnce_WhenAProbeIsDue_OneOfThemIsTheProbe()
    {
        var clock = new SetClock(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using var primary = await Primary.StartAsync("status=503&first_token_ms=300", clock);
        await using var host = await GatewayHost.StartAsync(new() { Config = primary.Config(Circuit(("outage_failures", 1000))), Clock = clock });
        primary.Down = true;
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await host.ChatAsync()).Status);
        Assert.Equal(3, primary.AskedAt.Count);
        for (var round = 1; round <= 3; round++)
        {
            clock.Pass(TimeSpan.FromSeconds(21));
            var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.ChatAsync()));
            Assert.All(replies, reply => Assert.Equal(200, reply.Status));
            Assert.Equal(3 + round, primary.AskedAt.Count);
        }
    }

    /// <summary>The same by the machine's own clock, with short periods.</summary>
    [Fact]
    public async Task PrimaryDownAndBack_InRealTime()
    {
        await using var primary = await Primary.StartAsync("status=503", TimeProvider.System);
        await using var host = await GatewayHost.StartAsync(new() { Config = primary.Config(Circuit(("first_probe_s", 1), ("probe_every_s", 1), ("outage_failures", 1000))) });
        primary.Down = true;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (primary.AskedAt.Count < 5)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "no probes");
            Assert.Equal(200, (await host.ChatAsync()).Status);
            await Poll.BrieflyAsync();
        }

        var asked = primary.AskedAt;
        for (var i = 3; i < asked.Count; i++)
            Assert.True(asked[i] - asked[i - 1] >= TimeSpan.FromSeconds(0.5), $"{asked[i] - asked[i - 1]}");
        primary.Down = false;
        await Poll.UntilAsync(
            () => host.ChatAsync().GetAwaiter().GetResult().Status == 200 && primary.Answered > 2, "traffic at the primary again");
    }

    private static JsonObject Circuit(params (string Name, double Value)[] members)
    {
        var circuit = new JsonObject();
        foreach (var (name, value) in members)
            circuit[name] = value;
        return new JsonObject { ["circuit"] = circuit };
    }

    private static async Task CallEveryPeriodAsync(GatewayHost host, SetClock clock, bool stream, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Period)
        {
            clock.Pass(Period);
            // What the service does every second, by the machine's clock.
            host.Services.GetRequiredService<HealthBook>().Refresh();
            var reply = await host.ChatAsync(ChatClient.Body(stream: stream));
            Assert.Equal(200, reply.Status);
            Assert.Equal("hello", reply.Content);
        }
    }
}
