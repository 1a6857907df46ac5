using System.Net;
using Fairlead.Accounts.Settings;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Gateways on one PostgreSQL: a limit is one limit, whichever of them is called.</summary>
public sealed class SharedLimitTests
{
    private static readonly string Config = UpstreamConfig.Models(new(), (UpstreamConfig.Model, ["sim?tokens=10"]), ("acme/open", ["sim?tokens=100000&token_ms=5"]));

    [Fact]
    public async Task FiftyCallersAtEachOfThreeGateways_TenRequestsPerMinute_ExactlyTenAreServed()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var first = await StartAsync(database.Address);
        await using var second = await StartAsync(database.Address);
        await using var third = await StartAsync(database.Address);
        using var key = await first.NewKeyAsync("\"rpm\":10");
        using var atSecond = await key.KnownAtAsync(second);
        using var atThird = await key.KnownAtAsync(third);

        var replies = await Task.WhenAll(new[] { key.Client, atSecond, atThird }.SelectMany(static client => Enumerable.Range(0, 50).Select(caller =>
            client.ChatAsync(ChatClient.Body(stream: caller % 2 == 0)))));

        Assert.Equal(10, replies.Count(static reply => reply.Status == 200));
        Assert.All(replies.Where(static reply => reply.Status != 200), static reply =>
        {
            var refused = reply.Refused("key-requests-per-min");
            Assert.Equal((10, 0), (refused.Limit, refused.Remaining));
            Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        });
        Assert.Equal(10, first.Simulator!.Requests.Count + second.Simulator!.Requests.Count + third.Simulator!.Requests.Count);
    }

    [Fact]
    public async Task OpenAtOneGateway_IsRefusedAtTheOther_UntilItEnds()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var first = await StartAsync(database.Address);
        await using var second = await StartAsync(database.Address);
        using var key = await first.NewKeyAsync("\"concurrency\":1");
        using var atSecond = await key.KnownAtAsync(second);

        using (var open = await key.Client.SendAsync(ChatClient.Request(ChatClient.Body(stream: true, model: "acme/open")), HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, open.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), (await atSecond.ChatAsync()).Refused("key-concurrent-requests").RetryAfter);
        }

        await Poll.UntilAsync(async () => (await atSecond.ChatAsync()).Status == 200, "room at the other gateway");
    }

    [Fact]
    public async Task SettingsChangedAtOneGateway_HoldOverBoth()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var first = await StartAsync(database.Address);
        await using var second = await StartAsync(database.Address);
        await first.ChangeAccountAsync("\"rpm\":3");
        var settings = second.Services.GetRequiredService<AccountSettingsIndex>();
        await Poll.UntilAsync(() => settings.Find(1).RateLimits.Rpm == 3, "the setting at the other gateway");

        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(caller => (caller % 2 == 0 ? first : second).ChatAsync()));

        Assert.Equal(3, replies.Count(static reply => reply.Status == 200));
        Assert.All(replies.Where(static reply => reply.Status != 200), static reply => reply.Refused("account-requests-per-min"));
    }

    [Fact]
    public async Task ShareIsTooSmallAndTheDatabaseIsGone_503WithRetryAfter_UntilItIsBack()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        var address = new NpgsqlConnectionStringBuilder(database.AddressText);
        await using var way = new TcpProxy(address.Port);
        address.Port = way.Port;
        await using var host = await StartAsync(DatabaseAddress.Parse(address.ConnectionString));
        using var key = await host.NewKeyAsync("\"rpm\":2");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        way.Cut();

        var refused = await key.Client.ChatAsync();

        Assert.Equal((503, TimeSpan.FromSeconds(1)), (refused.Status, refused.Headers.RetryAfter?.Delta));
        Assert.Equal(503, (int)refused.Json["error"]!["code"]!);
        Assert.Single(host.Simulator!.Requests);
        way.Mend();
        // The one that is left passes, whether its charge can be recorded yet or not.
        await Poll.UntilAsync(async () => (await key.Client.ChatAsync()).Status == 429, "the database");
        Assert.Equal(2, host.Simulator.Requests.Count);
    }

    private static Task<GatewayHost> StartAsync(DatabaseAddress database) => GatewayHost.StartAsync(new() { Config = Config, Database = database });
}
