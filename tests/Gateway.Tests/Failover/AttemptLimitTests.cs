using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>However many endpoints there are: eight attempts, and so much time before the first token in all (architecture §4).</summary>
public sealed class AttemptLimitTests
{
    [Theory]
    [InlineData(true, null, 8)]
    [InlineData(false, null, 8)]
    [InlineData(true, 3, 3)]
    public async Task EveryEndpointFails_AtMostSoManyAreAsked_NoneMoreThanTwice(bool stream, int? configured, int expected)
    {
        var setup = new UpstreamSetup { Inference = configured is { } most ? new JsonObject { ["max_attempts"] = most } : null };
        var upstreams = Enumerable.Range(1, 12).Select(n => string.Create(CultureInfo.InvariantCulture, $"sim{n}?status=503")).ToArray();
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, upstreams) });
        var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

        Assert.Equal(503, reply.Status);
        Assert.Equal(expected, host.Simulator!.Requests.Count);
        Assert.All(host.Simulator.Requests.GroupBy(r => r.BodyText), asked => Assert.InRange(asked.Count(), 1, 2));
        Assert.Equal(expected, (await host.GenerationAsync(reply.GenerationId))["provider_responses"]!.AsArray().Count);
    }

    [Fact]
    public async Task EveryEndpointIsSilent_TheBudgetBeforeTheFirstTokenEndsIt()
    {
        var setup = new UpstreamSetup { FirstTokenSeconds = 1, Inference = new JsonObject { ["attempts_s"] = 2.5 } };
        var upstreams = Enumerable.Range(1, 6).Select(n => string.Create(CultureInfo.InvariantCulture, $"sim{n}?hang=1")).ToArray();
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, upstreams) });
        var watch = Stopwatch.StartNew();
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.Equal(504, reply.Status);
        // Three at one second each, the last cut short; six would take six.
        Assert.InRange(watch.Elapsed.TotalSeconds, 2.0, 5.5);
        Assert.InRange(host.Simulator!.Requests.Count, 2, 3);
        Assert.Equal(0m, await host.SpentAsync());
    }
}
