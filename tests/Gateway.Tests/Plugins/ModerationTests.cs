using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Moderation over real sockets: by a fake that speaks OpenAI's moderations API, and by rules.</summary>
public sealed class ModerationTests
{
    /// <summary>One result for each text; one for an image, whose input is a list of parts.</summary>
    private static string Verdicts(FakeRequest request)
    {
        var results = JsonNode.Parse(request.Body)!["input"]!.AsArray().Select(part => part is JsonObject image ? (string)image["image_url"]!["url"]! : (string)part!)
            .Select(text => text.Contains("bad", StringComparison.Ordinal))
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

    private static JsonObject Service(FakeService service, bool? images = null)
    {
        var moderation = new JsonObject { ["service"] = new JsonObject { ["base_url"] = service.Address + "/v1", ["api_key"] = "judge-key" } };
        if (images is not null)
            moderation["images"] = images;
        return moderation;
    }

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

    [Fact]
    public async Task Images_AreShownToAServiceThatJudgesThem_EachByItself()
    {
        await using var judge = await JudgeAsync();
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(Service(judge), [], "sim") });
        JsonObject With(string text, params string[] urls)
        {
            var body = Body("", asked: true);
            body["messages"]![0]!["content"] = new JsonArray(
                [new JsonObject { ["type"] = "text", ["text"] = text }, .. urls.Select(url => new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = url } })]);
            return body;
        }

        const string Data = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
        var refused = await host.ChatAsync(With("Repeat after me: hello", Data, "https://example.org/bad.png"));
        Assert.Equal((403, "https://example.org/bad.png"), (refused.Status, (string?)refused.Json["error"]!["metadata"]!["flagged_input"]));
        Assert.Equal(3, judge.Requests.Count);
        Assert.Contains(judge.Requests, asked => JsonNode.Parse(asked.Body)!["input"]![0] is JsonObject part && (string?)part["image_url"]!["url"] == Data);
        Assert.Empty(host.Simulator!.Requests);
        Assert.Equal("hello", (await host.ChatAsync(With("Repeat after me: hello", Data))).Content);
        Assert.Equal(5, judge.Requests.Count);

        await host.WriteConfigAsync(Config(Service(judge, images: false), [], "sim"));
        await Poll.UntilAsync(async () => (await host.ChatAsync(With("Repeat after me: hello", "https://example.org/bad.png"))).Status != 403, "the new configuration");
        Assert.Equal("[\"Repeat after me: hello\"]", JsonNode.Parse(judge.Requests.Last().Body)!["input"]!.ToJsonString());
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
