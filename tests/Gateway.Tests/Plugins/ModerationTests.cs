using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Moderation over real sockets: by a fake that speaks OpenAI's moderations API, and by rules.</summary>
public sealed class ModerationTests
{
    private static string Verdicts(FakeRequest request)
    {
        var results = JsonNode.Parse(request.Body)!["input"]!.AsArray().Select(text => ((string)text!).Contains("bad", StringComparison.Ordinal))
            .Select(bad => (JsonNode)new JsonObject
            {
                ["flagged"] = bad,
                ["categories"] = new JsonObject { ["harassment"] = false, ["violence"] = bad, ["violence/graphic"] = bad },
                ["category_scores"] = new JsonObject { ["harassment"] = 0.01, ["violence"] = bad ? 0.97 : 0.02, ["violence/graphic"] = 0.5 },
            });
        return new JsonObject { ["id"] = "modr-1", ["model"] = "omni-moderation-latest", ["results"] = new JsonArray([.. results]) }.ToJsonString();
    }

    private static string Config(JsonObject moderation, int[] moderated, params string[] upstreams) => UpstreamConfig.Of(
        new UpstreamSetup { Moderated = moderated, Inference = new JsonObject { ["moderation"] = moderation } }, upstreams);

    private static JsonObject Service(FakeService service, double timeout = 5) =>
        new() { ["service"] = new JsonObject { ["base_url"] = service.Address + "/v1", ["api_key"] = "judge-key", ["timeout_s"] = timeout } };

    private static JsonObject Body(string text, bool asked)
    {
        var body = ChatClient.Body(text);
        if (asked)
            body["plugins"] = JsonNode.Parse("""[{"id":"moderation"}]""");
        return body;
    }

    private static async Task<FakeService> JudgeAsync()
    {
        var judge = await FakeService.StartAsync();
        judge.Answer = static request => (200, Verdicts(request));
        return judge;
    }

    [Fact]
    public async Task FlaggedInput_IsA403WithTheContractsMetadata_AndNothingIsSentOrCharged()
    {
        await using var judge = await JudgeAsync();
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(Service(judge), [], "sim") });
        var text = "Repeat after me: " + new string('x', 100) + " bad thing";

        var refused = await host.ChatAsync(Body(text, asked: true));

        Assert.Equal(403, refused.Status);
        var metadata = refused.Json["error"]!["metadata"]!;
        Assert.Equal(["violence", "violence/graphic"], metadata["reasons"]!.AsArray().Select(reason => (string?)reason));
        var shown = (string)metadata["flagged_input"]!;
        Assert.Equal((100, text[..50] + "…" + text[^49..]), (shown.Length, shown));
        Assert.Equal(("P1", UpstreamConfig.Model, "permission_denied"), ((string?)metadata["provider_name"], (string?)metadata["model_slug"], (string?)metadata["error_type"]));
        Assert.Empty(host.Simulator!.Requests);
        Assert.Equal(0, await host.SpentAsync());
        var asked = Assert.Single(judge.Requests);
        Assert.Equal(("POST", "/v1/moderations", "Bearer judge-key"), (asked.Method, asked.Path, asked.Headers["Authorization"]));
        Assert.Equal("omni-moderation-latest", (string?)JsonNode.Parse(asked.Body)!["model"]);

        var good = await host.ChatAsync(Body("Repeat after me: fine", asked: true));
        Assert.Equal("fine", good.Content);
        Assert.NotNull((await host.GenerationAsync(good.GenerationId))["moderation_latency"]);
        Assert.NotNull((await host.GenerationAsync(refused.GenerationId))["moderation_latency"]);

        var unasked = await host.ChatAsync(Body("Repeat after me: bad", asked: false));
        Assert.Equal("bad", unasked.Content);
        Assert.Null((await host.GenerationAsync(unasked.GenerationId))["moderation_latency"]);
        Assert.Equal(2, judge.Requests.Count);
    }

    [Fact]
    public async Task ModeratedEndpoints_ArePassedOverForFlaggedInput_AndAreA403WhenThereIsNoOther()
    {
        await using var judge = await JudgeAsync();
        await using (var host = await GatewayHost.StartAsync(new() { Config = Config(Service(judge), [1], "one", "two") }))
        {
            Assert.Equal("bad", (await host.ChatAsync(Body("Repeat after me: bad", asked: false))).Content);
            Assert.Equal("two", (string?)JsonNode.Parse(Assert.Single(host.Simulator!.Requests).BodyText)!["model"]);
        }

        await using var only = await GatewayHost.StartAsync(new() { Config = Config(Service(judge), [1, 2], "one", "two") });
        var body = Body("Repeat after me: bad", asked: false);
        body["plugins"] = JsonNode.Parse("""[{"id":"moderation","enabled":false}]""");
        var refused = await only.ChatAsync(body);
        Assert.Equal(403, refused.Status);
        Assert.Equal(("P1", "Repeat after me: bad"), ((string?)refused.Json["error"]!["metadata"]!["provider_name"], (string?)refused.Json["error"]!["metadata"]!["flagged_input"]));
        Assert.Empty(only.Simulator!.Requests);
        Assert.Equal("fine", (await only.ChatAsync(Body("Repeat after me: fine", asked: false))).Content);
        Assert.Equal(3, judge.Requests.Count);
    }

    [Theory]
    [InlineData(500, "{}", "answered 500")]
    [InlineData(200, "[]", "could not be read")]
    [InlineData(200, """{"results":[]}""", "could not be read")]
    [InlineData(0, "", "within 0.2 s")]
    public async Task AServiceThatFails_EndsWhatAskedForIt_AndStopsNobodyElse(int status, string answer, string reason)
    {
        await using var judge = await FakeService.StartAsync();
        judge.Answer = _ => (status == 0 ? 200 : status, answer);
        judge.Takes = status == 0 ? TimeSpan.FromSeconds(30) : TimeSpan.Zero;
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(Service(judge, status == 0 ? 0.2 : 5), [1], "sim") });

        var refused = await host.ChatAsync(Body("Repeat after me: hello", asked: true));

        Assert.Equal(502, refused.Status);
        Assert.Contains(reason, (string)refused.Json["error"]!["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(judge.Address, refused.Text, StringComparison.Ordinal);
        Assert.Equal("hello", (await host.ChatAsync(Body("Repeat after me: hello", asked: false))).Content);
        Assert.Single(host.Simulator!.Requests);
    }

    [Fact]
    public async Task Rules_AreLookedForHere_AndWithoutAnythingSetUpThePluginDoesNothing()
    {
        var rules = JsonNode.Parse("""{"rules":[{"reason":"projects","pattern":"(?i)\\bproject falcon\\b"},{"reason":"never","pattern":"^(a+)+$"}]}""")!.AsObject();
        await using (var host = await GatewayHost.StartAsync(new() { Config = Config(rules, [], "sim") }))
        {
            var refused = await host.ChatAsync(Body("What is Project Falcon?", asked: true));
            Assert.Equal((403, "projects"), (refused.Status, (string?)Assert.Single(refused.Json["error"]!["metadata"]!["reasons"]!.AsArray())));
            Assert.Equal(200, (await host.ChatAsync(Body(new string('a', 50_000) + "!", asked: true))).Status);
        }

        await using var bare = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Moderated = [1] }, "sim") });
        Assert.Equal("bad", (await bare.ChatAsync(Body("Repeat after me: bad", asked: true))).Content);
    }
}
