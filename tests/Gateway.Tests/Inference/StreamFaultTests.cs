using Fairlead.Gateway.Tests.Responses;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>After the commit point (architecture §4): a broken answer ends with an error chunk and never looks whole; it costs nothing.</summary>
public sealed class StreamFaultTests
{
    public static TheoryData<string, string> Breaks()
    {
        var data = new TheoryData<string, string>();
        foreach (var protocol in (string[])["openai-chat", "anthropic-messages", "gemini", "cohere", "ollama", "openai-responses"])
        {
            foreach (var fault in (string[])["cut_after=6", "stall_after=6", "malformed_after=6", "error_after=6", "truncate_utf8_after=6"])
                data.Add(protocol, fault);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task StreamBreaksAfterContent_ErrorChunk_NoCharge(string protocol, string fault)
    {
        var setup = new UpstreamSetup { Protocol = protocol, BetweenTokensSeconds = 0.5 };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?tokens=50&" + fault, "spare") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.Equal(200, reply.Status);
        Assert.NotEmpty(reply.Content);
        var last = reply.Events[^1];
        Assert.NotNull(last["error"]);
        Assert.InRange((int)last["error"]!["code"]!, 500, 599);
        Assert.Equal("error", (string?)last["choices"]![0]!["finish_reason"]);
        Assert.All(reply.Events.SkipLast(1), e => Assert.Null(e["error"]));
        Assert.Null(reply.Usage);
        Assert.True(reply.Done);
        Assert.Single(host.Simulator!.Requests);
        var record = await host.GenerationAsync(reply.GenerationId);
        Assert.Equal(0m, (decimal)record["total_cost"]!);
        Assert.Equal("error", (string?)record["finish_reason"]);
        Assert.True((int)record["native_tokens_completion"]! > 0);
        Assert.Equal(0m, await host.SpentAsync());
    }

    [Theory]
    [InlineData("openai-chat")]
    [InlineData("anthropic-messages")]
    [InlineData("gemini")]
    [InlineData("cohere")]
    [InlineData("ollama")]
    [InlineData("openai-responses")]
    public async Task TerminatorMissing_FinishSeen_TheAnswerIsWholeAndPaid(string protocol)
    {
        // Gemini's, Cohere's and Ollama's terminator is the event with the finish reason: without it the answer is broken.
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim?no_done=1") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.Equal(protocol is "gemini" or "cohere" or "ollama" or "openai-responses" ? "error" : "stop", reply.Finish);
        Assert.Equal(protocol is "gemini" or "cohere" or "ollama" or "openai-responses", reply.Usage is null);
        Assert.True(reply.Done);
    }

    [Theory]
    [InlineData("openai-chat", false)]
    [InlineData("openai-chat", true)]
    [InlineData("anthropic-messages", true)]
    [InlineData("gemini", false)]
    [InlineData("gemini", true)]
    [InlineData("cohere", false)]
    [InlineData("cohere", true)]
    [InlineData("ollama", false)]
    [InlineData("ollama", true)]
    [InlineData("openai-responses", false)]
    [InlineData("openai-responses", true)]
    public async Task UsageMissing_OwnCountIsShownAndCharged(string protocol, bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim?no_usage=1&tokens=40") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

        Assert.True((int)reply.Usage!["completion_tokens"]! > 20);
        Assert.True((int)reply.Usage["prompt_tokens"]! > 4);
        Assert.True(reply.Cost > 0);
        Assert.Equal(reply.Cost, await host.SpentAsync());
    }

    [Theory]
    [InlineData("negative_usage=1")]
    [InlineData("huge_usage=1")]
    public async Task AbsurdUsage_IsRefused_OwnCountIsCharged(string fault)
    {
        foreach (var stream in (bool[])[false, true])
        {
            await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?tokens=40&" + fault) });
            var reply = await host.ChatAsync(ChatClient.Body(stream: stream));

            Assert.InRange((int)reply.Usage!["completion_tokens"]!, 20, 400);
            Assert.InRange(reply.Cost, 0.00004m, 0.001m);
            Assert.Equal(reply.Cost, await host.SpentAsync());
        }
    }

    [Theory]
    [InlineData("crlf=1")]
    [InlineData("one_byte=1")]
    [InlineData("comments=1")]
    [InlineData("no_space=1")]
    [InlineData("gzip=1")]
    [InlineData("never_close=1")]
    public async Task OddFraming_TheAnswerIsTheSame(string fault)
    {
        foreach (var protocol in (string[])["openai-chat", "anthropic-messages", "gemini", "cohere", "ollama", "openai-responses"])
        {
            if (fault == "never_close=1" && protocol == "gemini")
                continue;
            await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim?" + fault) });
            var reply = await host.ChatAsync(ChatClient.Body("Repeat after me: grüße, 世界 👋", stream: true));

            Assert.Equal("grüße, 世界 👋", reply.Content);
            Assert.Equal("stop", reply.Finish);
            Assert.True(reply.Done);
        }
    }

    [Fact]
    public async Task SlowFirstToken_CommentsKeepTheConnectionAlive_AndFallbackIsStillPossible()
    {
        var setup = new UpstreamSetup { FirstTokenSeconds = 1, Inference = new() { ["first_comment_s"] = 0.2, ["comment_every_s"] = 0.2 } };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?hang=1", "sim") });
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));

        Assert.InRange(reply.Comments, 2, 6);
        Assert.Equal("hello", reply.Content);
        Assert.Equal("P2", (string?)reply.Events[0]["provider"]);
    }

    [Fact]
    public async Task EverythingFailsAfterAComment_TheErrorComesInBand()
    {
        var setup = new UpstreamSetup { FirstTokenSeconds = 0.6, Inference = new() { ["first_comment_s"] = 0.1 } };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim?hang=1") });
        var responding = host.RespondAsync(ResponsesCaller.Body("hi", stream: true, UpstreamConfig.Model));
        var reply = await host.ChatAsync(ChatClient.Body(stream: true));
        var response = await responding;

        Assert.Equal(200, reply.Status);
        Assert.Equal(504, (int)reply.Events.Single()["error"]!["code"]!);
        Assert.Equal((UpstreamConfig.Model, "P1"), ((string?)reply.Events[0]["model"], (string?)reply.Events[0]["provider"]));
        Assert.True(reply.Done);
        Assert.Equal(["response.created", "response.in_progress", "error", "response.failed"], response.Types);
        Assert.Equal("failed", (string?)response.Response["status"]);
        Assert.Equal(UpstreamConfig.Model, (string?)response.Response["model"]);
        Assert.Equal(0m, await host.SpentAsync());
    }
}
