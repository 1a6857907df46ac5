using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>The failure table of the architecture (§4) over real sockets: every row, streamed and not, in each dialect.</summary>
public sealed class FailureTableTests
{
    public static TheoryData<string, string> FaultsThatFallBack()
    {
        var data = new TheoryData<string, string>();
        foreach (var protocol in (string[])["openai-chat", "anthropic-messages", "gemini", "cohere", "ollama", "openai-responses"])
        {
            foreach (var fault in (string[])["status=500", "status=502", "status=503", "status=504", "status=529", "status=429", "status=401", "status=402", "status=403", "status=404",
                "cut_headers=1", "cut_after=0", "error_in_200=1", "content_type=text/html", "body=html", "malformed_after=0"])
                data.Add(protocol, fault);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(FaultsThatFallBack))]
    public async Task FirstEndpointFails_TheNextAnswers_AndOnlyItIsPaid(string protocol, string fault)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim?" + fault, "sim") });
        foreach (var stream in (bool[])[false, true])
        {
            var spent = await host.SpentAsync();
            var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

            Assert.Equal(200, reply.Status);
            Assert.Contains("hello", reply.Content, StringComparison.Ordinal);
            Assert.Equal("stop", reply.Finish);
            var record = await host.GenerationAsync(reply.GenerationId);
            Assert.Equal("P2", (string?)record["provider_name"]);
            Assert.Equal(reply.Cost, await host.SpentAsync() - spent);
            Assert.Equal(reply.Cost, (decimal)record["total_cost"]!);
        }
    }

    [Theory]
    [InlineData("status=500", 502, "provider_unavailable")]
    [InlineData("status=503", 503, "provider_overloaded")]
    [InlineData("status=504", 504, "timeout")]
    [InlineData("status=429", 429, "rate_limit_exceeded")]
    [InlineData("status=401", 502, "provider_unavailable")]
    [InlineData("status=404", 502, "provider_unavailable")]
    [InlineData("status=400", 400, "invalid_request")]
    [InlineData("error_in_200=1", 502, "provider_unavailable")]
    public async Task EveryEndpointFails_TheCallerSeesItsClass_AndPaysNothing(string fault, int status, string type)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?" + fault, "sim-b?" + fault) });
        foreach (var stream in (bool[])[false, true])
        {
            var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

            Assert.Equal(status, reply.Status);
            Assert.Equal(status, (int)reply.Json["error"]!["code"]!);
            Assert.Equal(type, reply.ErrorType);
            Assert.NotEmpty((string)reply.Json["error"]!["message"]!);
            Assert.DoesNotContain("\"key\"", reply.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0m, await host.SpentAsync());
    }

    [Fact]
    public async Task ServerErrorOnTheLastEndpoint_IsTriedOnceMore()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?status=500&times=1") });
        var reply = await host.ChatAsync();

        Assert.Equal(200, reply.Status);
        Assert.Equal(2, host.Simulator!.Requests.Count);
    }

    [Fact]
    public async Task RateLimitedEverywhere_ShortWait_OneRetry()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?status=429&times=1&retry_after=1") });
        var reply = await host.ChatAsync();

        Assert.Equal(200, reply.Status);
        Assert.Equal(2, host.Simulator!.Requests.Count);
    }

    [Fact]
    public async Task RateLimitedForLong_429WithRetryAfter_AndTheEndpointRests()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?status=429&retry_after=30", "sim") });
        Assert.Equal(200, (await host.ChatAsync()).Status);
        Assert.Equal(2, host.Simulator!.Requests.Count);

        // The first endpoint rests: the second request goes straight to the other one.
        Assert.Equal(200, (await host.ChatAsync()).Status);
        Assert.Equal(3, host.Simulator.Requests.Count);

        await host.WriteConfigAsync(UpstreamConfig.Of("sim?status=429&retry_after=30"));
        await Poll.UntilAsync(() => host.Services.GetRequiredService<Catalog.Snapshot.CatalogSource>().Current.Find(UpstreamConfig.Model)!.LiveEndpoints.Count == 1, "the new configuration");
        var limited = await host.ChatAsync();
        Assert.Equal(429, limited.Status);
        var retryAfter = int.Parse(limited.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(retryAfter, 1, 30);
        var availability = limited.Json["error"]!["availability"]!;
        Assert.Equal(retryAfter, (int)availability["retry_after"]!);
        Assert.Equal(["P1"], availability["affected_providers"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task BadRequest_OneOtherEndpoint_ThenTheNextModel()
    {
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(new UpstreamSetup(), (UpstreamConfig.Model, ["sim?status=400", "sim2?status=400", "sim3?status=400"]), ("acme/other", ["sim4"])),
        });
        var body = ChatClient.Body();
        var alone = await host.ChatAsync(body);
        Assert.Equal(400, alone.Status);
        Assert.Equal(2, host.Simulator!.Requests.Count);

        body["models"] = new System.Text.Json.Nodes.JsonArray("acme/other");
        var reply = await host.ChatAsync(body);
        Assert.Equal(200, reply.Status);
        Assert.Equal("acme/other", (string?)reply.Json["model"]);
    }

    [Fact]
    public async Task ContextOverflowUpstream_NeverAnotherEndpointOfTheModel()
    {
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(new UpstreamSetup(), (UpstreamConfig.Model, ["sim?context=3", "sim2?context=3"]), ("acme/other", ["sim3"])),
        });
        var alone = await host.ChatAsync();
        Assert.Equal(400, alone.Status);
        Assert.Equal("context_length_exceeded", alone.ErrorType);
        Assert.Single(host.Simulator!.Requests);

        var body = ChatClient.Body();
        body["models"] = new System.Text.Json.Nodes.JsonArray("acme/other");
        Assert.Equal("acme/other", (string?)(await host.ChatAsync(body)).Json["model"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SilentEndpoint_IsLeftAfterFirstTokenSeconds_AndNotTriedTwice(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { FirstTokenSeconds = 1 }, "sim?hang=1", "sim") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

        Assert.Equal(200, reply.Status);
        Assert.Equal(2, host.Simulator!.Requests.Count);
    }

    [Fact]
    public async Task NobodyListens_502_AfterOneRetry()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { BaseUrl = "http://127.0.0.1:9" }, "sim") });
        var reply = await host.ChatAsync();

        Assert.Equal(502, reply.Status);
        Assert.Equal(2, reply.Json["error"]!["metadata"]!["previous_errors"]!.AsArray().Count);
    }

    [Fact]
    public async Task RawProviderError_IsShownTrimmed_WithoutTheKey()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { ApiKey = "sim-bad-key" }, "sim") });
        var reply = await host.ChatAsync();

        Assert.Equal(502, reply.Status);
        Assert.DoesNotContain("sim-bad-key", reply.Text, StringComparison.Ordinal);
        Assert.Equal("P1", (string?)reply.Json["error"]!["metadata"]!["provider_name"]);
    }
}
