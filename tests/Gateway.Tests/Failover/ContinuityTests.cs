using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary><c>provider.continuity: "restart"</c>: a stream that breaks while it is held back begins again elsewhere, unseen and charged once.</summary>
public sealed class ContinuityTests
{
    private const string Whole = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50";

    public static TheoryData<string, string> Breaks()
    {
        var data = new TheoryData<string, string>();
        foreach (var protocol in FaultTable.Protocols)
        {
            foreach (var fault in (string[])["cut_after=6", "stall_after=6", "malformed_after=6", "error_after=6", "truncate_utf8_after=6"])
                data.Add(protocol, fault);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task BreaksWhileHeld_AnotherEndpointAnswersWhole_ChargedOnce_SaidInTheMetadata(string protocol, string fault)
    {
        // Well below the hold's second, and well above what a busy machine takes between two tokens.
        var setup = new UpstreamSetup { Protocol = protocol, BetweenTokensSeconds = 0.7 };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?tokens=50&" + fault, "spare?tokens=50") });
        var reply = await AskAsync(host, Restart(64, 1000));

        Assert.Equal((200, Whole, "stop", true), (reply.Status, reply.Content, reply.Finish, reply.Done));
        Assert.All(reply.Events, e => Assert.Null(e["error"]));
        Assert.All(reply.Events, e => Assert.Equal("P2", (string?)e["provider"]));
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal("P2", (string?)record["provider_name"]);
        Assert.Equal(2, record["provider_responses"]!.AsArray().Count);
        Assert.Equal(reply.Cost, await host.SpentAsync());
        Assert.True(reply.Cost > 0);
        var metadata = reply.Events.Select(e => e["openrouter_metadata"]).Single(node => node is not null)!;
        Assert.Equal((1, 2), ((int)metadata["restarts"]!, (int)metadata["attempt"]!));
    }

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task BreaksAfterTheHold_OrWithoutIt_ErrorChunk(string protocol)
    {
        // Three failures of one endpoint: it must not be left alone for them here.
        var setup = new UpstreamSetup { Protocol = protocol, Inference = new() { ["circuit"] = new JsonObject { ["failures"] = 100, ["outage_failures"] = 100 } } };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?tokens=50&cut_after=30", "spare?tokens=50") });
        foreach (var provider in (JsonObject[])[Restart(4, 1000), new() { ["continuity"] = "none", ["continuity_hold"] = new JsonObject { ["tokens"] = 64, ["ms"] = 1000 } }, []])
        {
            var reply = await AskAsync(host, provider);

            Assert.NotNull(reply.Events[^1]["error"]);
            Assert.NotEmpty(reply.Content);
            Assert.Null(reply.Usage);
        }

        Assert.Equal(0m, await host.SpentAsync());
    }

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task NothingBreaks_TheAnswerIsTheSame(string protocol)
    {
        // Slow enough for the hold's time to end between two tokens, and fast: the whole answer fits into the hold.
        foreach (var (upstream, hold) in new[] { ("sim?tokens=50&token_ms=20", Restart(64, 50)), ("sim?tokens=50", Restart(64, 1000)), ("sim?tokens=50", Restart(0, 0)), ("sim?tokens=50", Restart(1, 0)) })
        {
            await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, upstream) });
            var reply = await AskAsync(host, hold);

            Assert.Equal((200, Whole, "stop", true), (reply.Status, reply.Content, reply.Finish, reply.Done));
            Assert.Single(reply.Events, e => e["choices"]!.AsArray().Any(choice => (string?)choice!["finish_reason"] == "stop"));
            Assert.Equal(50, (int)reply.Usage!["completion_tokens"]!);
            Assert.Equal(reply.Cost, await host.SpentAsync());
            Assert.DoesNotContain("restarts", reply.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task HoldsTimeIsUpWhileTheProviderIsSilent_WhatIsHeldGoesOut_ThenItsStallIsSaid(string protocol)
    {
        var setup = new UpstreamSetup { Protocol = protocol, BetweenTokensSeconds = 1.5 };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?tokens=50&stall_after=8", "spare?tokens=50") });
        var reply = await AskAsync(host, Restart(64, 100));

        Assert.NotEmpty(reply.Content);
        Assert.StartsWith(reply.Content, Whole, StringComparison.Ordinal);
        Assert.NotNull(reply.Events[^1]["error"]);
        Assert.Single(host.Simulator!.Requests);
    }

    [Theory]
    [InlineData("""{"continuity":"resume"}""", "provider.continuity")]
    [InlineData("""{"continuity":true}""", "provider.continuity")]
    [InlineData("""{"continuity":"restart","continuity_hold":5}""", "provider.continuity_hold")]
    [InlineData("""{"continuity":"restart","continuity_hold":{"tokens":65}}""", "provider.continuity_hold.tokens")]
    [InlineData("""{"continuity":"restart","continuity_hold":{"tokens":-1}}""", "provider.continuity_hold.tokens")]
    [InlineData("""{"continuity":"restart","continuity_hold":{"tokens":1.5}}""", "provider.continuity_hold.tokens")]
    [InlineData("""{"continuity":"restart","continuity_hold":{"ms":1001}}""", "provider.continuity_hold.ms")]
    [InlineData("""{"continuity":"restart","continuity_hold":{"ms":"100"}}""", "provider.continuity_hold.ms")]
    [InlineData("""{"continuity_hold":{"seconds":1}}""", "provider.continuity_hold")]
    public async Task WrongTypeOrRange_400NamingTheMember(string provider, string param)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim") });
        var reply = await AskAsync(host, JsonNode.Parse(provider)!.AsObject());

        Assert.Equal(400, reply.Status);
        Assert.StartsWith(param, (string?)reply.Json["error"]!["param"], StringComparison.Ordinal);
        Assert.Empty(host.Simulator!.Requests);
    }

    private static JsonObject Restart(int tokens, int ms) => new() { ["continuity"] = "restart", ["continuity_hold"] = new JsonObject { ["tokens"] = tokens, ["ms"] = ms } };

    private static async Task<ChatReply> AskAsync(GatewayHost host, JsonObject provider)
    {
        provider["sort"] = "price";
        var body = ChatClient.Body(stream: true);
        body["provider"] = provider;
        using var request = ChatClient.Request(body);
        request.Headers.Add("X-OpenRouter-Metadata", "enabled");
        using var response = await host.Client.SendAsync(request);
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
