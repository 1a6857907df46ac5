using System.Diagnostics;
using System.Text.Json.Nodes;
using Fairlead.Catalog.Health;
using Fairlead.Catalog.Snapshot;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>Two gateways on one PostgreSQL: what one learns of an endpoint, the other knows within seconds.</summary>
public sealed class SharedHealthTests
{
    private const int WithinMs = 15_000;

    [Fact]
    public async Task CircuitOpenedByOne_TheOtherLeavesTheEndpointAlone_UntilItIsGood()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var primary = await Primary.StartAsync("status=500", TimeProvider.System);
        var config = primary.Config(new JsonObject { ["circuit"] = new JsonObject { ["first_probe_s"] = 3, ["probe_every_s"] = 3, ["outage_failures"] = 1000 } });
        await using var first = await StartAsync(database, config);
        await using var second = await StartAsync(database, config);
        primary.Down = true;
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await first.ChatAsync()).Status);
        await Poll.UntilAsync(() => HealthAt(second).Circuit == CircuitState.Open, "the other gateway knows of the open circuit", WithinMs);
        var asked = primary.AskedAt.Count;

        Assert.Equal(200, (await second.ChatAsync()).Status);
        Assert.Equal(asked, primary.AskedAt.Count);

        primary.Down = false;
        var watch = Stopwatch.StartNew();
        while (primary.Answered == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "the first gateway never probed");
            await first.ChatAsync();
            await Poll.BrieflyAsync();
        }

        await Poll.UntilAsync(() => HealthAt(second).Circuit == CircuitState.Closed, "the other gateway knows that it is closed", WithinMs);
        Assert.Equal(200, (await second.ChatAsync()).Status);
        Assert.True(primary.Answered >= 2);
    }

    [Fact]
    public async Task CircuitOfANodeWithoutTraffic_TheOtherProbesForItself()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var primary = await Primary.StartAsync("status=500", TimeProvider.System);
        var config = primary.Config(new JsonObject { ["circuit"] = new JsonObject { ["first_probe_s"] = 1, ["probe_every_s"] = 1, ["outage_failures"] = 1000 } });
        await using var first = await StartAsync(database, config);
        await using var second = await StartAsync(database, config);
        primary.Down = true;
        for (var i = 0; i < 3; i++)
            await first.ChatAsync();
        await Poll.UntilAsync(() => HealthAt(second).Circuit == CircuitState.Open, "the other gateway knows of the open circuit", WithinMs);

        primary.Down = false;
        var watch = Stopwatch.StartNew();
        while (primary.Answered == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "the second gateway never probed");
            Assert.Equal(200, (await second.ChatAsync()).Status);
            await Poll.BrieflyAsync();
        }
    }

    [Fact]
    public async Task RestAndMeasuresOfOne_AreTheOthersToo_UntilItsNodeIsGone()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var primary = await Primary.StartAsync("status=429&retry_after=60", TimeProvider.System);
        var config = primary.Config(null);
        await using var second = await StartAsync(database, config);
        var first = await StartAsync(database, config);
        for (var i = 0; i < 12; i++)
            Assert.Equal(200, (await first.ChatAsync(ChatClient.Body("Repeat after me: one two three four five six seven eight nine ten eleven twelve", stream: true))).Status);
        await Poll.UntilAsync(
            () => HealthAt(second) is { Uptime5m.Requests: >= 12, FirstToken5m.Samples: >= 12, Throughput5m.Samples: >= 12 }, "the other gateway has the measures", WithinMs);

        primary.Down = true;
        Assert.Equal(200, (await first.ChatAsync()).Status);
        await Poll.UntilAsync(() => HealthAt(second).RestUntilMs > 0, "the other gateway knows of the rest", WithinMs);
        var asked = primary.AskedAt.Count;
        Assert.Equal(200, (await second.ChatAsync()).Status);
        Assert.Equal(asked, primary.AskedAt.Count);

        await first.DisposeAsync();
        await Poll.UntilAsync(() => HealthAt(second).Uptime5m.Requests < 12, "the measures of the node that is gone are forgotten", 30_000);
    }

    private static Task<GatewayHost> StartAsync(TestDatabase database, string config) =>
        GatewayHost.StartAsync(new() { Config = config, Database = database.Address, Simulator = null });

    /// <summary>What a gateway knows of the primary.</summary>
    private static EndpointHealth HealthAt(GatewayHost host)
    {
        var endpoint = host.Services.GetRequiredService<CatalogSource>().Current.Find(UpstreamConfig.Model)!.Endpoints.Single(e => e.Provider.Slug == "p1");
        return host.Services.GetRequiredService<HealthBook>().Current.Of(endpoint.Id);
    }
}
