using System.Diagnostics;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>The caller leaves: what reaches the provider, and who pays (architecture §3).</summary>
public sealed class DisconnectTests
{
    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task MidStream_EndpointCanAbort_TheProviderIsToldAtOnce_AndEmittedTokensArePaid(string protocol)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim?tokens=5000&token_ms=5") });
        var (id, leftAt) = await ReadSomeAndLeaveAsync(host);

        var upstream = host.Simulator!.Requests.Single();
        await upstream.WhenAborted.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.InRange(Stopwatch.GetElapsedTime(leftAt).TotalMilliseconds, 0, 1000);

        var record = await host.GenerationAsync(id);
        Assert.True((bool)record["cancelled"]!);
        Assert.InRange((int)record["native_tokens_completion"]!, 1, 2000);
        Assert.True((decimal)record["total_cost"]! > 0);
        Assert.Equal((decimal)record["total_cost"]!, await host.SpentAsync());
    }

    [Fact]
    public async Task MidStream_EndpointCannotAbort_TheWholeAnswerIsReadAndPaid()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { CanAbort = false }, "sim?tokens=300&token_ms=2") });
        var (id, _) = await ReadSomeAndLeaveAsync(host);

        var record = await host.GenerationAsync(id);
        Assert.True((bool)record["cancelled"]!);
        Assert.InRange((int)record["native_tokens_completion"]!, 250, 1000);
        Assert.False(host.Simulator!.Requests.Single().Aborted);
    }

    [Fact]
    public async Task NonStreamed_TheAnswerIsReadToItsEndAndPaid()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=20&first_token_ms=400") });
        using var leave = new CancellationTokenSource();
        var call = host.Client.SendAsync(ChatClient.Request(ChatClient.Body()), leave.Token);
        await Poll.UntilAsync(() => host.Simulator!.Requests.Count == 1, "the upstream request");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        decimal spent = 0;
        for (var tries = 0; spent == 0 && tries < 300; tries++)
        {
            await Poll.BrieflyAsync();
            spent = await host.SpentAsync();
        }

        Assert.True(spent > 0);
    }

    [Fact]
    public async Task BeforeTheFirstToken_NothingIsPaid()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?hang=1", "sim") });
        using var leave = new CancellationTokenSource();
        var call = host.OpenStreamAsync(ChatClient.Body(stream: true), leave.Token);
        await Poll.UntilAsync(() => host.Simulator!.Requests.Count == 1, "the upstream request");
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        await host.Simulator!.Requests.Single().WhenAborted.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Single(host.Simulator.Requests);
        Assert.Equal(0m, await host.SpentAsync());
    }

    private static async Task<(string Id, long LeftAt)> ReadSomeAndLeaveAsync(GatewayHost host)
    {
        // A client that closes its connection at once: the default one goes on reading for two seconds.
        using var client = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = host.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = host.Client.DefaultRequestHeaders.Authorization;
        var response = await client.SendAsync(ChatClient.Request(ChatClient.Body(stream: true)), HttpCompletionOption.ResponseHeadersRead);
        var id = response.Headers.GetValues("X-Generation-Id").Single();
        var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[2000];
        await stream.ReadExactlyAsync(buffer);
        var leftAt = Stopwatch.GetTimestamp();
        response.Dispose();
        return (id, leftAt);
    }
}
