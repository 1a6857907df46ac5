using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Operations;

namespace Fairlead.Gateway.Tests.Route;

/// <summary><c>/route/explain</c>, <c>/generation/why</c> and <c>route explain</c>: the same decision, before and after.</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private GatewayHost host = null!;

    public async Task InitializeAsync() => host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim?status=503", "sim", "sim") });

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    private async Task<(int Status, JsonNode Json)> ExplainAsync(string body, HttpClient? client = null)
    {
        using var response = await (client ?? host.Client).PostAsync("api/v1/route/explain", new StringContent(body, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    private static async Task<(int Status, JsonNode Json)> WhyAsync(HttpClient client, string query)
    {
        using var response = await client.GetAsync("api/v1/generation/why" + query);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    [Fact]
    public async Task Explain_TellsEveryCandidate_AndSendsNothing()
    {
        var body = ChatClient.Body();
        body["provider"] = JsonNode.Parse("""{"ignore":["p3","nobody"],"sort":"price"}""");
        var (status, plan) = await ExplainAsync(body.ToJsonString());

        Assert.Equal(200, status);
        var candidates = plan["candidates"]!.AsArray();
        Assert.Equal(["p1", "p2", "p3"], candidates.Select(one => (string?)one!["endpoint"]));
        Assert.Equal([true, true, false], candidates.Select(one => (bool)one!["kept"]!));
        Assert.Equal([1, 2, null], candidates.Select(one => (int?)one!["order"]));
        Assert.Equal("ignore", (string?)candidates[2]!["filter"]);
        Assert.True((decimal)candidates[0]!["cost_worst"]! > (decimal)candidates[0]!["cost_estimate"]!);
        Assert.Equal("""["nobody"]""", plan["unknown_providers"]!.ToJsonString());
        Assert.Empty(plan["attempts"]!.AsArray());
        Assert.Contains("sorted by price", (string?)plan["text"], StringComparison.Ordinal);
        Assert.Equal(0, await host.SpentAsync());
    }

    [Fact]
    public async Task Explain_AlsoWhereNobodyIsLeft_AndRefusesWhatARequestWouldBeRefusedFor()
    {
        var body = ChatClient.Body();
        body["provider"] = JsonNode.Parse("""{"quantizations":["int4"]}""");
        var (status, plan) = await ExplainAsync(body.ToJsonString());
        Assert.Equal((200, 0), (status, plan["candidates"]!.AsArray().Count(one => (bool)one!["kept"]!)));

        Assert.Equal(400, (await ExplainAsync("{}")).Status);
        Assert.Equal(401, (await ExplainAsync(ChatClient.Body().ToJsonString(), host.Anonymous)).Status);
        using var manager = host.NewClient(host.ProvisioningKey);
        Assert.Equal(403, (await ExplainAsync(ChatClient.Body().ToJsonString(), manager)).Status);
    }

    [Fact]
    public async Task Why_IsTheDecisionOfTheRequest_WithWhatFollowed()
    {
        var reply = await host.ChatAsync();
        Assert.Equal(200, reply.Status);
        await host.GenerationAsync(reply.GenerationId);
        var (status, why) = await WhyAsync(host.Client, "?id=" + reply.GenerationId);

        Assert.Equal(200, status);
        Assert.Equal(["p1", "p2", "p3"], why["candidates"]!.AsArray().Select(one => (string?)one!["endpoint"]));
        Assert.Equal([1.0, 0, 0], why["candidates"]!.AsArray().Select(one => (double)one!["odds"]!));
        Assert.Equal([503, 200], why["attempts"]!.AsArray().Select(one => (int)one!["status"]!));
        Assert.NotEqual("0", (string?)why["seed"]);
        Assert.Matches("(?s)1\\. p1 .*Tried P1: answered 503 after .*Tried P2: answered 200 after", (string?)why["text"]);

        using var manager = host.NewClient(host.ProvisioningKey);
        Assert.Equal(200, (await WhyAsync(manager, "?id=" + reply.GenerationId)).Status);
        Assert.Equal(404, (await WhyAsync(host.Client, "?id=gen-1750000000-00000000000000000000")).Status);
        Assert.Equal(400, (await WhyAsync(host.Client, "")).Status);
        Assert.Equal(401, (await WhyAsync(host.Anonymous, "?id=" + reply.GenerationId)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metadata_OnRequest_SaysWhoWasTriedAndWhoAnswered(bool stream)
    {
        var body = ChatClient.Body(stream: stream);
        body["provider"] = JsonNode.Parse("""{"order":["nobody","p1","p2"]}""");
        var answer = await SendAsync(body, "Enabled");
        var metadata = (stream ? answer.Events[^1] : answer.Json)["openrouter_metadata"]!;

        Assert.Equal(("acme/m", "direct", 2), ((string?)metadata["requested"], (string?)metadata["strategy"], (int)metadata["attempt"]!));
        Assert.Equal(3, (int)metadata["endpoints"]!["total"]!);
        Assert.Equal([false, true, false], metadata["endpoints"]!["available"]!.AsArray().Select(one => (bool)one!["selected"]!));
        Assert.Equal([503, 200], metadata["attempts"]!.AsArray().Select(one => (int)one!["status"]!));
        Assert.Equal("""["nobody"]""", metadata["unknown_providers"]!.ToJsonString());
        Assert.DoesNotContain("openrouter_metadata", (await SendAsync(ChatClient.Body(stream: stream), "disabled")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_BesideAnError_OnceARequestWasRouted()
    {
        var failed = ChatClient.Body();
        failed["provider"] = JsonNode.Parse("""{"only":["p1"]}""");
        Assert.Equal(0, (int)(await SendAsync(failed, "enabled")).Json["openrouter_metadata"]!["attempt"]!);

        failed["provider"] = JsonNode.Parse("""{"only":["nobody"]}""");
        var nobody = (await SendAsync(failed, "enabled")).Json;
        Assert.Equal((404, 0), ((int)nobody["error"]!["code"]!, nobody["openrouter_metadata"]!["endpoints"]!["available"]!.AsArray().Count));
        Assert.DoesNotContain("openrouter_metadata", (await SendAsync(ChatClient.Body(model: "acme/none"), "enabled")).Text, StringComparison.Ordinal);
    }

    private async Task<ChatReply> SendAsync(JsonObject body, string metadata)
    {
        using var request = ChatClient.Request(body);
        request.Headers.Add("X-OpenRouter-Metadata", metadata);
        using var response = await host.Client.SendAsync(request);
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Command_AsksTheRunningServer()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("body.json", ChatClient.Body().ToJsonString());
        var printed = await FairleadProcess.RunAsync("route", "explain", file, "--data", host.DataFolder);
        Assert.Equal((0, ""), (printed.ExitCode, printed.Error));
        Assert.Contains("1. p1 (acme/m): 100.0 % likely", printed.Output, StringComparison.Ordinal);

        var wrong = await FairleadProcess.RunAsync("route", "explain", folder.Write("wrong.json", "{}"), "--data", host.DataFolder);
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("messages", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WorksWithoutAServer()
    {
        using var folder = new TemporaryFolder();
        var config = folder.Write("config.json", UpstreamConfig.Of("sim", "sim").Replace("SIMULATOR", "http://127.0.0.1:1", StringComparison.Ordinal));
        var printed = await FairleadProcess.RunAsync(
            "route", "explain", folder.Write("body.json", ChatClient.Body().ToJsonString()), "--data", folder.Data, "--config", config);
        Assert.Equal((0, ""), (printed.ExitCode, printed.Error));
        Assert.Contains("acme/m: 2 endpoints, 2 may answer, sorted by price.", printed.Output, StringComparison.Ordinal);
    }
}
