using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Fairlead.Catalog.Health;
using Fairlead.Gateway.Tests.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>What callers and operators see of the health of endpoints.</summary>
public sealed class HealthShownTests
{
    [Fact]
    public async Task Endpoints_ShowUptimeAndStatus_AndSpeedsOnlyWithAKey()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?status=401", "sim?tokens=40") });
        for (var i = 0; i < 6; i++)
            Assert.Equal(200, (await host.ChatAsync(ChatClient.Body(stream: true))).Status);
        var monitor = Monitor(host, "p2");
        for (var i = 0; i < 94; i++)
            monitor.Succeeded(0, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 10; i++)
            monitor.Failed(EndpointFault.Failed);
        host.Services.GetRequiredService<HealthBook>().Refresh();

        var (withKey, caching) = await EndpointsAsync(host, host.Client);
        Assert.True(caching!.NoStore);
        Assert.Equal(-2, (int)withKey[0]!["status"]!);
        Assert.Null(withKey[0]!["uptime_last_30m"]);
        Assert.Equal(90.91m, (decimal)withKey[1]!["uptime_last_30m"]!);
        Assert.Equal(90.91m, (decimal)withKey[1]!["uptime_last_1d"]!);
        Assert.True((decimal)withKey[1]!["latency_last_30m"]!["p50"]! > 0);
        Assert.True((decimal)withKey[1]!["throughput_last_30m"]!["p99"]! > 0);
        Assert.Null(withKey[0]!["latency_last_30m"]);

        var (without, publicCaching) = await EndpointsAsync(host, host.Anonymous);
        Assert.True(publicCaching!.Public);
        Assert.Equal(90.91m, (decimal)without[1]!["uptime_last_5m"]!);
        Assert.Null(without[1]!["latency_last_30m"]);
        Assert.Null(without[1]!["throughput_last_30m"]);
    }

    [Theory]
    [InlineData("openai-chat", "status=401", "p1 refuses our key or account for acme/m")]
    [InlineData("gemini", "status=402", "p1 refuses our key or account for acme/m")]
    [InlineData("anthropic-messages", "status=403", "p1 refuses our key or account for acme/m")]
    [InlineData("openai-chat", "status=404", "p1 does not know the model of acme/m")]
    public async Task BrokenEndpoint_IsToldToTheOperator_UntilAnAnswerIsGood(string protocol, string fault, string warning)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, $"sim?{fault}&times=1", "sim") });
        Assert.Equal(200, (await host.ChatAsync()).Status);

        var ready = JsonNode.Parse(await host.Anonymous.GetStringAsync("readyz"))!;
        Assert.Equal("ready", (string?)ready["status"]);
        Assert.Equal(warning, (string?)Assert.Single(ready["warnings"]!.AsArray()));
        var metrics = await host.Anonymous.GetStringAsync("metrics");
        Assert.Contains("""fairlead_endpoint_broken{model="acme/m",provider="p1",tag="p1"} 1""", metrics, StringComparison.Ordinal);
        Assert.Contains("""fairlead_endpoint_broken{model="acme/m",provider="p2",tag="p2"} 0""", metrics, StringComparison.Ordinal);
        Assert.Contains("""fairlead_endpoint_circuit_openings_total{model="acme/m",provider="p1",tag="p1"} 1""", metrics, StringComparison.Ordinal);
        // Passed over: the second request goes straight to the other one.
        Assert.Equal(200, (await host.ChatAsync()).Status);
        Assert.Equal(3, host.Simulator!.Requests.Count);

        Monitor(host, "p1").FirstToken(null);
        Assert.Null(JsonNode.Parse(await host.Anonymous.GetStringAsync("readyz"))!["warnings"]);
        Assert.Contains("""fairlead_endpoint_broken{model="acme/m",provider="p1",tag="p1"} 0""", await host.Anonymous.GetStringAsync("metrics"), StringComparison.Ordinal);
    }

    private static EndpointMonitor Monitor(GatewayHost host, string provider) =>
        host.Services.GetRequiredService<HealthBook>().Monitors.Single(one => one.Endpoint.Provider.Slug == provider);

    private static async Task<(JsonArray Endpoints, CacheControlHeaderValue? Caching)> EndpointsAsync(GatewayHost host, HttpClient client)
    {
        using var response = await client.GetAsync("api/v1/models/acme/m/endpoints");
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (json["data"]!["endpoints"]!.AsArray(), response.Headers.CacheControl);
    }
}
