using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Credits at the door and during a stream: 402 before any upstream byte, growth in steps, an end that is said (I-63).</summary>
public sealed class CreditTests
{
    [Fact]
    public async Task TooFewCredits_402_BeforeAnyUpstreamByte_SayingWhatCanBeAfforded()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim"), Credits = 0.001m });
        var body = ChatClient.Body();
        body["max_tokens"] = 5000;
        var reply = await host.ChatAsync(body);

        Assert.Equal(402, reply.Status);
        Assert.Contains("You requested up to 5000 tokens, but can only afford 4", (string)reply.Json["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Empty(host.Simulator!.Requests);

        body["max_tokens"] = 100;
        Assert.Equal(200, (await host.ChatAsync(body)).Status);
    }

    [Fact]
    public async Task NonStreamedWithoutMaximum_TheHeldCapIsSentUpstream()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { MaxCompletion = 50_000 }, "sim") });
        await host.ChatAsync();

        var sent = JsonNode.Parse(host.Simulator!.Requests.Single().Body.Span)!;
        Assert.Equal(8192, (int)(sent["max_tokens"] ?? sent["max_completion_tokens"])!);
    }

    [Fact]
    public async Task StreamOutgrowsItsCredits_EndsWithLength_AndNeverChargesMoreThanThereIs()
    {
        // 0.03 USD covers the first step (8192 × 2 µUSD = 0.0164) and not the second.
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Of(new UpstreamSetup { MaxCompletion = 50_000 }, "sim?tokens=40000"),
            Credits = 0.03m,
        });
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.Equal("length", reply.Finish);
        Assert.True(reply.Done);
        Assert.InRange(reply.Cost, 0.01m, 0.03m);
        Assert.Equal(reply.Cost, await host.SpentAsync());
    }

    [Fact]
    public async Task StreamWithCredits_GrowsPastTheFirstStep()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { MaxCompletion = 50_000 }, "sim?tokens=20000") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.Equal("stop", reply.Finish);
        Assert.Equal(20_000, (int)reply.Usage!["completion_tokens"]!);
    }

    [Fact]
    public async Task EveryAnswer_ShownCost_IsChargedCost_IsTheRecordsCost()
    {
        await using var host = await GatewayHost.StartAsync();
        var total = 0m;
        foreach (var model in (string[])["acme/openai", "acme/anthropic", "acme/gemini", "acme/fallback"])
        {
            foreach (var stream in (bool[])[false, true])
            {
                var reply = await host.ChatAsync(ChatClient.Body(stream: stream, model: model));
                total += reply.Cost;
                Assert.Equal(reply.Cost, (decimal)(await host.GenerationAsync(reply.GenerationId))["total_cost"]!);
                Assert.Equal(total, await host.SpentAsync());
            }
        }

        Assert.True(total > 0);
    }
}
