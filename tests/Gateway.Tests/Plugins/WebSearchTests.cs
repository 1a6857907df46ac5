using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Messages;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>The web plugin over real sockets, with fakes that speak as Exa and SearXNG do.</summary>
public sealed class WebSearchTests
{
    private const string Cited = "Repeat after me: It rained [example.org](https://example.org/rain) and **again** [example.net](https://example.net/wind?a=(b)).";

    private static readonly string Found = """
        {"requestId":"r1","results":[
          {"title":"Rain","url":"https://example.org/rain","publishedDate":null,"text":"It rained in Bern on Tuesday."},
          {"title":"","url":"https://example.net/wind?a=(b)","text":"Wind","highlights":["first part","second part"]},
          {"title":"Never cited","url":"https://example.com/x","text":"x"},
          {"title":"No address"},
          {"title":"Script","url":"javascript:alert(1)","text":"x"}]}
        """;

    private static string Config(FakeService service, string engine = "exa", string protocol = "openai-chat") => UpstreamConfig.Of(
        new UpstreamSetup
        {
            Protocol = protocol,
            Inference = new JsonObject
            {
                ["web_search"] = new JsonObject { [engine] = new JsonObject { ["base_url"] = service.Address, ["api_key"] = "search-key" } },
            },
        },
        "sim");

    private static JsonObject Body(string text = Cited, bool stream = false, string plugins = """[{"id":"web"}]""")
    {
        var body = ChatClient.Body(text, stream);
        body["plugins"] = JsonNode.Parse(plugins);
        return body;
    }

    private static JsonArray Sent(GatewayHost host) => JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["messages"]!.AsArray();

    private static IReadOnlyList<JsonNode> Annotations(ChatReply reply) => reply.ContentType == "text/event-stream"
        ? [.. reply.Events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["annotations"]?.AsArray() ?? []).Select(a => a!)]
        : [.. reply.Json["choices"]![0]!["message"]!["annotations"]?.AsArray().Select(a => a!) ?? []];

    [Theory]
    [InlineData("openai-chat", false)]
    [InlineData("openai-chat", true)]
    [InlineData("anthropic-messages", false)]
    [InlineData("anthropic-messages", true)]
    public async Task Exa_ItsResultsGoBeforeTheLastQuestion_AreCitedWhereTheAnswerLinksThem_AndPaid(string protocol, bool stream)
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, Found);
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa, protocol: protocol) });

        var reply = await host.ChatAsync(Body(stream: stream));

        Assert.Equal(200, reply.Status);
        var asked = Assert.Single(exa.Requests);
        Assert.Equal(("POST", "/search", "search-key"), (asked.Method, asked.Path, asked.Headers["x-api-key"]));
        var query = JsonNode.Parse(asked.Body)!;
        Assert.Equal((Cited, 5), ((string?)query["query"], (int)query["numResults"]!));

        var annotations = Annotations(reply).Select(a => a["url_citation"]!).ToList();
        Assert.Equal(["https://example.org/rain", "https://example.net/wind?a=(b)", "https://example.com/x"], annotations.Select(a => (string?)a["url"]));
        Assert.Equal(["Rain", "https://example.net/wind?a=(b)", "Never cited"], annotations.Select(a => (string?)a["title"]));
        Assert.Equal("first part [...] second part", (string?)annotations[1]["content"]);
        string Span(JsonNode a) => reply.Content[(int)a["start_index"]!..(int)a["end_index"]!];
        Assert.Equal(["[example.org](https://example.org/rain)", "[example.net](https://example.net/wind?a=(b))", ""], annotations.Select(Span));

        // 3 results at 0.004 dollars, on top of the tokens.
        Assert.Equal(reply.Cost, await host.SpentAsync());
        Assert.InRange(reply.Cost, 0.012m, 0.0129m);
        Assert.Equal(3, (int)(await host.GenerationAsync(reply.GenerationId))["num_search_results"]!);
    }

    [Fact]
    public async Task TheModelIsTold_WhatWasFound_When_AndHowToCite_BeforeTheLastQuestion()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, Found);
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa) });
        var body = Body("Will it rain?");
        body["messages"] = JsonNode.Parse("""[{"role":"system","content":"Be short."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Will it rain?","x_unknown":1}]""");

        Assert.Equal(200, (await host.ChatAsync(body)).Status);

        var sent = Sent(host);
        Assert.Equal(["system", "user", "assistant", "system", "user"], sent.Select(m => (string?)m!["role"]));
        Assert.Equal(1, (int)sent[4]!["x_unknown"]!);
        var told = (string)sent[3]!["content"]!;
        Assert.Contains(DateTime.UtcNow.ToString("MMMM d, yyyy", System.Globalization.CultureInfo.InvariantCulture), told, StringComparison.Ordinal);
        Assert.Contains("[example.org](https://", told, StringComparison.Ordinal);
        Assert.Contains("Rain\nhttps://example.org/rain\nIt rained in Bern on Tuesday.", told, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCallersOwnPromptAndNumber_AreUsed_AndTheAccountsWhereItSaysNothing()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, Found);
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa) });
        using (var console = host.NewClient(host.ProvisioningKey))
        {
            using var content = new StringContent("""{"plugins":[{"id":"web","enabled":true,"options":{"max_results":2,"search_prompt":"The account's words.","mode":"turbo"}}]}""", System.Text.Encoding.UTF8, "application/json");
            (await console.PatchAsync("api/v1/account/settings", content)).EnsureSuccessStatusCode();
        }

        await host.ChatAsync(ChatClient.Body("by default"));
        Assert.StartsWith("The account's words.\n\nRain", (string?)Sent(host)[0]!["content"], StringComparison.Ordinal);
        var query = JsonNode.Parse(exa.Requests.Last().Body)!;
        // A mode of another engine is passed over.
        Assert.Equal((2, "auto", null), ((int)query["numResults"]!, (string?)query["type"], (string?)query["userLocation"]));

        await host.ChatAsync(Body("mine", plugins: """{"web":{"search_prompt":"Mine.","mode":"deep","user_location":{"type":"approximate","city":"Bern","country":"CH"}}}"""));
        Assert.StartsWith("Mine.\n\nRain", (string?)Sent(host)[0]!["content"], StringComparison.Ordinal);
        query = JsonNode.Parse(exa.Requests.Last().Body)!;
        Assert.Equal((2, "deep", "CH"), ((int)query["numResults"]!, (string?)query["type"], (string?)query["userLocation"]));

        await host.ChatAsync(Body("off", plugins: """[{"id":"web","enabled":false}]"""));
        Assert.Equal("user", (string?)Assert.Single(Sent(host))!["role"]);
        Assert.Equal(2, exa.Requests.Count);
    }

    [Fact]
    public async Task Online_IsTheSamePlugin_AndSaysSoInTheMetadata()
    {
        await using var searxng = await FakeService.StartAsync();
        searxng.Answer = _ => (200, """{"query":"q","number_of_results":0,"results":[{"title":"A","url":"https://example.org/","content":"c","engine":"e"}],"answers":[]}""");
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(searxng, "searxng") });
        using var request = ChatClient.Request(ChatClient.Body("grüße & more", model: UpstreamConfig.Model + ":online"));
        request.Headers.Add("X-OpenRouter-Metadata", "enabled");

        using var response = await host.Client.SendAsync(request);

        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(UpstreamConfig.Model, (string?)json["model"]);
        Assert.Equal("?format=json&q=gr%C3%BC%C3%9Fe%20%26%20more", Assert.Single(searxng.Requests).Query);
        var stage = Assert.Single(json["openrouter_metadata"]!["pipeline"]!.AsArray())!;
        Assert.Equal(("plugin", "web", "searxng", 1), ((string?)stage["type"], (string?)stage["name"], (string?)stage["data"]!["engine"], (int)stage["data"]!["results"]!));
        Assert.Single(json["choices"]![0]!["message"]!["annotations"]!.AsArray());
    }

    [Fact]
    public async Task ASearchWhoseAnswerNeverCame_IsNotCharged()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, Found);
        var config = Config(exa).Replace("\"model\":\"sim\"", "\"model\":\"sim?status=400\"", StringComparison.Ordinal);
        await using var host = await GatewayHost.StartAsync(new() { Config = config });

        Assert.Equal(400, (await host.ChatAsync(Body())).Status);

        Assert.Single(exa.Requests);
        Assert.Equal(0, await host.SpentAsync());
    }

    [Fact]
    public async Task WhatCannotBeDone_IsA400ThatNamesThePath()
    {
        await using var exa = await FakeService.StartAsync();
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa) });
        var web = """[{"id":"web"}]""";
        (string Plugins, string? Options, string Param)[] cases =
        [
            ("""[{"id":"web","max_results":0}]""", null, "plugins.web.max_results"),
            ("""[{"id":"web","max_results":"5"}]""", null, "plugins.web.max_results"),
            ("""[{"id":"web","engine":"bing"}]""", null, "plugins.web.engine"),
            ("""[{"id":"web","engine":"firecrawl"}]""", null, "plugins.web.engine"),
            ("""[{"id":"web","engine":"searxng"}]""", null, "plugins.web.engine"),
            ("""[{"id":"web","engine":"native"}]""", null, "plugins.web.engine"),
            ("""[{"id":"web","search_prompt":7}]""", null, "plugins.web.search_prompt"),
            ("""[{"id":"web","mode":7}]""", null, "plugins.web.mode"),
            ("""[{"id":"web","user_location":"Bern"}]""", null, "plugins.web.user_location"),
            ("""[{"id":"web","user_location":{"type":"exact"}}]""", null, "plugins.web.user_location.type"),
            (web, """{"user_location":{"approximate":{"city":7}}}""", "web_search_options.user_location.approximate.city"),
            ("""[{"id":"pareto-router"}]""", null, "plugins"),
        ];
        foreach (var (plugins, options, param) in cases)
        {
            var body = Body(plugins: plugins);
            if (options is not null)
                body["web_search_options"] = JsonNode.Parse(options);
            var reply = await host.ChatAsync(body);
            Assert.Equal((plugins, 400, param), (plugins, reply.Status, (string?)reply.Json["error"]!["metadata"]?["param"] ?? (string?)reply.Json["error"]!["param"]));
        }

        Assert.Empty(exa.Requests);
    }

    [Theory]
    [InlineData("anthropic-messages", "tools.0.type", "web_search_20250305")]
    [InlineData("openai-responses", "tools.0.type", "web_search")]
    [InlineData("gemini", "tools.0.googleSearch", "{}")]
    public async Task Native_TheProviderIsToldInItsOwnWords(string protocol, string path, string expected)
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Protocol = protocol }, "sim"))!;
        config["models"]![0]!["endpoints"]![0]!["pricing"]!["web_search"] = "0.01";
        await using var host = await GatewayHost.StartAsync(new() { Config = config.ToJsonString() });

        var reply = await host.ChatAsync(Body("Say hello."));

        Assert.True(reply.Status == 200, reply.Text);
        var value = path.Split('.').Aggregate(JsonNode.Parse(host.Simulator!.Requests.Single().BodyText), (node, step) => int.TryParse(step, out var index) ? node![index] : node![step]);
        Assert.Equal(expected, value!.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string?)value : value.ToJsonString());
    }

    [Fact]
    public async Task Native_PassesOverEndpointsThatDoNotSearch_WhichAreNoneTheWorseForIt()
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Protocol = "anthropic-messages" }, "one", "two", "three", "four"))!;
        config["models"]![0]!["endpoints"]![3]!["pricing"]!["web_search"] = "0.01";
        await using var host = await GatewayHost.StartAsync(new() { Config = config.ToJsonString() });
        string? Asked() => (string?)JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["model"];

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(200, (await host.ChatAsync(Body("Say hello."))).Status);
            Assert.Equal("four", Asked());
        }

        Assert.Equal(4, host.Simulator!.Requests.Count);
        Assert.Equal(200, (await host.ChatAsync(ChatClient.Body())).Status);
        Assert.Equal("one", Asked());
    }

    [Fact]
    public async Task TheVendorsOwnTool_GoesToAnEndpointThatHasIt_AsItStands_AndIsHeldAndPaidBySearch()
    {
        await using var claude = await FakeService.StartAsync();
        claude.Answer = _ => (200, """
            {"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
              {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"rain"}},
              {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://example.org/rain","title":"Rain","encrypted_content":"x"}]},
              {"type":"text","text":"It rained."}],
             "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":100,"output_tokens":10,"server_tool_use":{"web_search_requests":2}}}
            """);
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Protocol = "anthropic-messages", BaseUrl = claude.Address + "/v1" }, "claude-sonnet-4-5"))!;
        config["models"]![0]!["endpoints"]![0]!["pricing"]!["web_search"] = "0.01";
        await using var host = await GatewayHost.StartAsync(new() { Config = config.ToJsonString(), Credits = 0.06m });
        var body = MessagesClient.Body("Did it rain?", model: UpstreamConfig.Model);
        body["max_tokens"] = 10;
        body["tools"] = JsonNode.Parse("""[{"type":"web_search_20250305","name":"web_search","blocked_domains":["example.net"],"x_unknown":1}]""");

        var reply = await host.MessageAsync(body);

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal(
            """[{"type":"web_search_20250305","name":"web_search","blocked_domains":["example.net"],"x_unknown":1,"max_uses":5}]""",
            JsonNode.Parse(Assert.Single(claude.Requests).Body)!["tools"]!.ToJsonString());
        Assert.Equal("x", (string?)reply.Blocks("web_search_tool_result").Single()["content"]![0]!["encrypted_content"]);
        // 100 and 10 tokens, and two searches.
        Assert.Equal(0.0001m + 0.00002m + 0.02m, (decimal)reply.Message["usage"]!["cost"]!);
        Assert.Equal(0.02012m, await host.SpentAsync());

        // Five searches may come, and are held: what is left pays for three.
        Assert.Equal(402, (await host.MessageAsync(body)).Status);
        body["tools"]![0]!["max_uses"] = 3;
        Assert.Equal(200, (await host.MessageAsync(body)).Status);
        Assert.Equal(3, (int)JsonNode.Parse(claude.Requests.Last().Body)!["tools"]![0]!["max_uses"]!);
    }

    [Fact]
    public async Task NothingSetUp_AndNoEndpointThatSearches_IsA400ThatSaysWhatIsMissing()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of("sim") });

        var reply = await host.ChatAsync(Body());
        Assert.Equal(400, reply.Status);
        Assert.Contains("EXA_API_KEY", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooFewCreditsForTheSearch_IsA402_BeforeAnythingIsAsked()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, Found);
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa), Credits = 0.019m });
        var body = Body("short");
        body["max_tokens"] = 10;

        Assert.Equal(402, (await host.ChatAsync(body)).Status);
        Assert.Empty(exa.Requests);
    }
}
