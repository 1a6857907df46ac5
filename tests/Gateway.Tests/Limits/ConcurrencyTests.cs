using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Limits;

/// <summary>Requests open at once: every way a request can end makes room, before the caller can know that it ended.</summary>
public sealed class ConcurrencyTests(ConcurrencyTests.Host shared) : IClassFixture<ConcurrencyTests.Host>
{
    public sealed class Host : IAsyncLifetime
    {
        public GatewayHost Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(
                new UpstreamSetup { BetweenTokensSeconds = 0.5 },
                (UpstreamConfig.Model, ["sim?tokens=5"]), ("acme/open", ["sim?tokens=100000&token_ms=5"]), ("acme/silent", ["sim?hang=1"]),
                ("acme/stalls", ["sim?stall_after=3"]), ("acme/cut", ["sim?cut_after=3"]), ("acme/broken", ["sim?status=503"])),
        });

        public async Task DisposeAsync() => await Gateway.DisposeAsync();
    }

    private readonly GatewayHost host = shared.Gateway;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneAfterTheOther_IsNeverRefused_WhoeverReadsTheEndMaySendTheNext(bool stream)
    {
        using var key = await host.NewKeyAsync("\"concurrency\":1");
        for (var i = 0; i < 30; i++)
        {
            var reply = await key.Client.ChatAsync(ChatClient.Body(stream: stream));
            Assert.True(reply.Status == 200, reply.Text);
        }
    }

    [Theory]
    [InlineData("acme/broken", false)]
    [InlineData("acme/broken", true)]
    [InlineData("acme/stalls", true)]
    [InlineData("acme/cut", true)]
    [InlineData("acme/cut", false)]
    [InlineData("no/such", false)]
    public async Task FailedRequest_MakesRoomBeforeItsErrorIsRead(string model, bool stream)
    {
        using var key = await host.NewKeyAsync("\"concurrency\":1");
        for (var i = 0; i < 3; i++)
            Assert.NotEqual(429, (await key.Client.ChatAsync(ChatClient.Body(stream: stream, model: model))).Status);
        Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    [Fact]
    public async Task OpenStreamsFillTheLimit_OfTheKeyAndOfTheAccount_AndACallerThatLeavesMakesRoom()
    {
        using var key = await host.NewKeyAsync("\"concurrency\":2");
        using var other = await host.NewKeyAsync("\"concurrency\":null");
        using var first = await OpenAsync(key.Client, "acme/open");
        var second = await OpenAsync(key.Client, "acme/open");
        var refused = (await key.Client.ChatAsync()).Refused("key-concurrent-requests");
        Assert.Equal((2, 0, TimeSpan.FromSeconds(1)), (refused.Limit, refused.Remaining, refused.RetryAfter));
        Assert.Equal(200, (await other.Client.ChatAsync()).Status);

        second.Dispose();
        await Poll.UntilServedAsync(key.Client);

        // The account's count began with its limit: what is open from before is not in it.
        await host.ChangeAccountAsync("\"concurrency\":1");
        try
        {
            using var third = await OpenAsync(other.Client, "acme/open");
            (await other.Client.ChatAsync()).Refused("account-concurrent-requests");
        }
        finally
        {
            await host.ChangeAccountAsync("\"concurrency\":null");
        }
    }

    [Fact]
    public async Task CallerLeavesBeforeTheFirstToken_MakesRoom()
    {
        using var key = await host.NewKeyAsync("\"concurrency\":1");
        using var leave = new CancellationTokenSource();
        var before = host.Simulator!.Requests.Count;
        var call = key.Client.SendAsync(ChatClient.Request(ChatClient.Body(stream: true, model: "acme/silent")), leave.Token);
        await Inference.Poll.UntilAsync(() => host.Simulator.Requests.Count > before, "the upstream request");
        (await key.Client.ChatAsync()).Refused("key-concurrent-requests");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Poll.UntilServedAsync(key.Client);
    }

    [Fact]
    public async Task ManyCallersAtOnce_NeverMoreThanTheLimitAreUpstream()
    {
        using var key = await host.NewKeyAsync("\"concurrency\":3");
        var replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(caller => key.Client.ChatAsync(ChatClient.Body(stream: caller % 2 == 0))));
        Assert.Contains(replies, reply => reply.Status == 200);
        Assert.All(replies.Where(reply => reply.Status != 200), reply => reply.Refused("key-concurrent-requests"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await key.Client.ChatAsync()).Status);
    }

    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, string model)
    {
        var response = await client.SendAsync(ChatClient.Request(ChatClient.Body(stream: true, model: model)), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        return response;
    }

    private static class Poll
    {
        public static async Task UntilServedAsync(HttpClient client)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            while ((await client.ChatAsync()).Status != 200)
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "still refused");
                await Inference.Poll.BrieflyAsync();
            }
        }
    }
}
