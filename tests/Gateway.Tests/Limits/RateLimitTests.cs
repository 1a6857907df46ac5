using System.Net;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Operations;
using Fairlead.Testing;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Requests and tokens per minute, of keys and of accounts, over sockets.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private readonly SetClock clock = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private GatewayHost host = null!;

    public async Task InitializeAsync() => host = await GatewayHost.StartAsync(new()
    {
        Clock = clock,
        Config = UpstreamConfig.Models(new(), (UpstreamConfig.Model, ["sim?tokens=10"]), ("acme/broken", ["sim?status=503", "sim?status=503"])),
    });

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task FiftyCallersAtOnce_TenRequestsPerMinute_ExactlyTenAreServed_AndOnlyTheyCost()
    {
        using var key = await host.NewKeyAsync("\"rpm\":10");
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => key.Client.ChatAsync(ChatClient.Body(stream: caller % 2 == 0))));

        Assert.Equal(10, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => reply.Refused("key-requests-per-min"));
        Assert.Equal(10, host.Simulator!.Requests.Count);
        Assert.Equal(replies.Where(reply => reply.Status == 200).Sum(reply => reply.Cost), await host.SpentAsync());
        foreach (var refused in replies.Where(reply => reply.Status != 200).Take(3))
            Assert.Equal(HttpStatusCode.NotFound, (await key.Client.GetAsync("api/v1/generation?id=" + refused.GenerationId)).StatusCode);
    }

    [Fact]
    public async Task Refusal_SaysWhenToComeAgain_AndThenAdmits()
    {
        using var key = await host.NewKeyAsync("\"rpm\":2");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        clock.Pass(TimeSpan.FromSeconds(20.5));
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        clock.Pass(TimeSpan.FromSeconds(1));

        var refused = (await key.Client.ChatAsync(ChatClient.Body(stream: true))).Refused("key-requests-per-min");
        Assert.Equal(new RefusedCall(2, 0, clock.Now.AddSeconds(38.5), TimeSpan.FromSeconds(39)), refused);
        clock.Pass(refused.ResetAt - clock.Now - TimeSpan.FromMilliseconds(1));
        (await key.Client.ChatAsync()).Refused("key-requests-per-min");
        clock.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        (await key.Client.ChatAsync()).Refused("key-requests-per-min");
    }

    [Fact]
    public async Task ClockSetByAnHour_NeitherOpensALimitNorLocksOut()
    {
        using var key = await host.NewKeyAsync("\"rpm\":1");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        foreach (var hours in (int[])[1, -2])
        {
            clock.Now = clock.Now.AddHours(hours);
            Assert.Equal(TimeSpan.FromSeconds(60), (await key.Client.ChatAsync()).Refused("key-requests-per-min").RetryAfter);
        }

        clock.Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task AccountLimit_CountsAllKeys_AndAnotherKeysOwnLimitIsItsOwn()
    {
        using var first = await host.NewKeyAsync("\"rpm\":1");
        using var second = await host.NewKeyAsync("\"rpm\":null");
        Assert.Equal(3, (int)(await host.ChangeAccountAsync("\"rpm\":3"))["rpm"]!);

        Assert.Equal(200, (await first.Client.ChatAsync()).Status);
        (await first.Client.ChatAsync()).Refused("key-requests-per-min");
        Assert.Equal(200, (await second.Client.ChatAsync()).Status);
        Assert.Equal(200, (await host.ChatAsync()).Status);
        Assert.Equal(3, (await second.Client.ChatAsync()).Refused("account-requests-per-min").Limit);

        await host.ChangeAccountAsync("\"rpm\":null");
        Assert.Equal(200, (await second.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task ChangedLimit_CountsAtOnce()
    {
        using var key = await host.NewKeyAsync("\"rpm\":2");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        (await key.Client.ChatAsync()).Refused("key-requests-per-min");

        await host.ChangeKeyAsync(key, "\"rpm\":3");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        await host.ChangeKeyAsync(key, "\"rpm\":1");
        Assert.Equal(1, (await key.Client.ChatAsync()).Refused("key-requests-per-min").Limit);
        await host.ChangeKeyAsync(key, "\"rpm\":null");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task Tokens_AreCountedAtTheirMost_ThenAsUsed()
    {
        using var key = await host.NewKeyAsync("\"tpm\":300");
        var body = ChatClient.Body();
        body["max_tokens"] = 150;
        // Each may use more than half of the limit, and uses about 20.
        for (var i = 0; i < 5; i++)
            Assert.Equal(200, (await key.Client.ChatAsync(body)).Status);

        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => key.Client.ChatAsync(body)));
        Assert.Contains(together, reply => reply.Status == 200);
        body["max_tokens"] = 280;
        var refused = (await key.Client.ChatAsync(body)).Refused("key-tokens-per-min");
        Assert.Equal(300, refused.Limit);
        Assert.InRange(refused.Remaining, 1, 285);
        Assert.NotNull(refused.RetryAfter);

        clock.Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await key.Client.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task MoreTokensThanTheLimit_SaysSo_AndNamesNoTimeToComeAgain()
    {
        using var key = await host.NewKeyAsync("\"tpm\":1000");
        var reply = await key.Client.ChatAsync();
        Assert.Equal((1000, 1000, null), (reply.Refused("key-tokens-per-min").Limit, reply.Refused("key-tokens-per-min").Remaining, reply.Headers.RetryAfter));
        Assert.Contains("Lower max_tokens", (string)reply.Json["error"]!["message"]!, StringComparison.Ordinal);

        var body = ChatClient.Body();
        body["max_tokens"] = 100;
        Assert.Equal(200, (await key.Client.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task FailedAttempts_CountOncePerRequest_AndUseNoTokens()
    {
        using var key = await host.NewKeyAsync("\"rpm\":2,\"tpm\":9000");
        for (var i = 0; i < 2; i++)
            Assert.Equal(503, (await key.Client.ChatAsync(ChatClient.Body(model: "acme/broken"))).Status);
        Assert.True(host.Simulator!.Requests.Count >= 4, "each request tries both endpoints");
        (await key.Client.ChatAsync()).Refused("key-requests-per-min");
    }

    [Fact]
    public async Task RefusedForCredits_OrMistaken_DoesNotCount()
    {
        using var key = await host.NewKeyAsync("\"rpm\":1,\"limit\":0.001");
        var dear = ChatClient.Body();
        dear["max_tokens"] = 5000;
        Assert.Equal(402, (await key.Client.ChatAsync(dear)).Status);
        Assert.Equal(400, (await key.Client.ChatAsync(ChatClient.Body(model: "no/such"))).Status);
        dear["max_tokens"] = 10;
        Assert.Equal(200, (await key.Client.ChatAsync(dear)).Status);
        // Limits come before credits.
        dear["max_tokens"] = 5000;
        (await key.Client.ChatAsync(dear)).Refused("key-requests-per-min");
    }

    [Fact]
    public async Task OwnRefusals_AreNotTheProvidersFault_AndOtherRoutesAreNotLimited()
    {
        using var key = await host.NewKeyAsync("\"rpm\":1");
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
        for (var i = 0; i < 20; i++)
            (await key.Client.ChatAsync()).Refused("key-requests-per-min");
        Assert.Equal(HttpStatusCode.OK, (await key.Client.GetAsync("api/v1/key")).StatusCode);

        // Another key is served by the same endpoint at once, and no attempt was counted for the refusals.
        Assert.Equal(200, (await host.ChatAsync()).Status);
        var metrics = await host.Anonymous.GetStringAsync("metrics");
        Assert.Contains("fairlead_attempts_total{model=\"acme/m\",outcome=\"ok\",provider=\"p1\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("fairlead_rate_limited_total{limit=\"key-requests-per-min\"} 20", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("outcome=\"rate_limit_exceeded\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyMadeOnTheCommandLine_IsHeldToItsLimits()
    {
        var made = await FairleadProcess.RunAsync("keys", "create", "--name", "cli", "--rpm", "1", "--tpm", "9000", "--concurrency", "2", "--data", host.DataFolder);
        Assert.True(made.ExitCode == 0, made.Error);
        using var client = host.NewClient(made.Output.Split('\n')[0]);
        Assert.Equal(200, (await client.ChatAsync()).Status);
        (await client.ChatAsync()).Refused("key-requests-per-min");

        using var manager = host.NewClient(host.ProvisioningKey);
        Assert.Contains("\"rpm\":1,\"tpm\":9000,\"concurrency\":2", await manager.GetStringAsync("api/v1/keys"), StringComparison.Ordinal);
    }
}
