using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Tools that the gateway runs, over real sockets: the simulator calls them as a model would.</summary>
public sealed class ServerToolTests
{
    private static string Config(FakeService? exa = null) => UpstreamConfig.Of(
        new UpstreamSetup
        {
            Inference = exa is null ? null : new JsonObject { ["web_search"] = new JsonObject { ["exa"] = new JsonObject { ["base_url"] = exa.Address, ["api_key"] = "k" } } },
        },
        "sim");

    private static JsonObject Body(string text, string tools, bool stream = false)
    {
        var body = ChatClient.Body(text, stream);
        body["tools"] = JsonNode.Parse(tools);
        return body;
    }

    private static void AssertLedgerHolds(GatewayHost host)
    {
        using var report = new StringWriter();
        Assert.True(host.Services.GetRequiredService<LedgerVerifier>().Verify(report), report.ToString());
    }

    private static List<JsonNode> Turns(GatewayHost host) => [.. host.Simulator!.Requests.Select(request => JsonNode.Parse(request.BodyText)!)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Datetime_IsToldToTheModel_AndTheCallerGetsTheLastTurnAlone(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });

        var body = Body("call openrouter_datetime for \"Asia/Tokyo\"", """[{"type":"openrouter:datetime","parameters":{"timezone":"Europe/Zurich"}}]""", stream);
        body["tool_choice"] = new JsonObject { ["type"] = "openrouter:datetime" };
        var reply = await host.ChatAsync(body);

        Assert.True(reply.Status == 200, reply.Text);
        var turns = Turns(host);
        Assert.Equal(2, turns.Count);
        // It was chosen once: chosen again it would be called for ever.
        Assert.Equal(("openrouter_datetime", "auto"), ((string?)turns[0]["tool_choice"]!["function"]!["name"], (string?)turns[1]["tool_choice"]));
        Assert.Equal("openrouter_datetime", (string?)turns[0]["tools"]![0]!["function"]!["name"]);
        var result = turns[1]["messages"]!.AsArray().Single(message => (string?)message!["role"] == "tool")!;
        var told = JsonNode.Parse((string)result["content"]!)!;
        Assert.Equal("Asia/Tokyo", (string?)told["timezone"]);
        var at = DateTimeOffset.Parse((string)told["datetime"]!, CultureInfo.InvariantCulture);
        Assert.Equal(TimeSpan.FromHours(9), at.Offset);
        Assert.InRange(at, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));

        Assert.Equal("stop", reply.Finish);
        Assert.NotEqual("", reply.Content);
        Assert.DoesNotContain("openrouter_datetime\"", reply.Text, StringComparison.Ordinal);
        Assert.Equal(stream, reply.Done);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UsageAndCost_AreOfAllTurns_InOneGenerationThatTheLedgerCanRecompute(bool stream)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });

        var reply = await host.ChatAsync(Body("call openrouter_datetime", """[{"type":"openrouter:datetime"}]""", stream));

        var (prompt, completion) = ((long)reply.Usage!["prompt_tokens"]!, (long)reply.Usage["completion_tokens"]!);
        Assert.Equal((prompt * 0.000001m) + (completion * 0.000002m), reply.Cost);
        Assert.Equal(reply.Cost, await host.SpentAsync());
        var single = await host.ChatAsync(ChatClient.Body("call openrouter_datetime"));
        Assert.True(prompt > 2 * (long)single.Usage!["prompt_tokens"]!, "the second turn's prompt holds the first");
        Assert.Equal(prompt, (long)(await host.GenerationAsync(reply.GenerationId))["native_tokens_prompt"]!);
        AssertLedgerHolds(host);
    }

    [Fact]
    public async Task WebSearch_IsRunForTheModel_PaidByResult_AndCited()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, """{"results":[{"title":"A","url":"https://example.org/a","text":"alpha"},{"title":"B","url":"https://example.org/b","text":"beta"}]}""");
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa) });

        var reply = await host.ChatAsync(Body("call openrouter_web_search for \"rain in Bern\"", """[{"type":"web_search","filters":{"allowed_domains":["example.org"]},"max_results":2}]"""));

        Assert.True(reply.Status == 200, reply.Text);
        var query = JsonNode.Parse(Assert.Single(exa.Requests).Body)!;
        Assert.Equal(2, (int)query["numResults"]!);
        Assert.Contains("alpha", Turns(host)[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(2, reply.Json["choices"]![0]!["message"]!["annotations"]!.AsArray().Count);
        Assert.InRange(reply.Cost, 0.008m, 0.009m);
        Assert.Equal(reply.Cost, await host.SpentAsync());
        AssertLedgerHolds(host);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9/", "inside this network")]
    [InlineData("http://169.254.169.254/latest/meta-data", "inside this network")]
    [InlineData("ftp://example.org/", "not an http or https address")]
    [InlineData("https://other.example/", "does not allow pages of other.example")]
    public async Task WebFetch_NeverReachesInside_AndTellsTheModelWhy(string url, string reason)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });

        var reply = await host.ChatAsync(Body(
            $"call openrouter_web_fetch for \"{url}\"",
            """[{"type":"openrouter:web_fetch","parameters":{"allowed_domains":["127.0.0.1","169.254.169.254","example.org"]}}]"""));

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Contains(reason, Turns(host)[1]["messages"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_CountsCallsAndSearches_InEveryFormat()
    {
        await using var exa = await FakeService.StartAsync();
        exa.Answer = _ => (200, "{\"results\":[]}");
        await using var host = await GatewayHost.StartAsync(new() { Config = Config(exa) });
        const string Text = "call openrouter_web_search and openrouter_datetime";
        const string Tools = """[{"type":"openrouter:datetime"},{"type":"openrouter:web_search","parameters":{"max_uses":1}}]""";

        var none = await host.ChatAsync();
        var chat = await host.ChatAsync(Body(Text, Tools));
        var streamed = await host.ChatAsync(Body(Text, Tools, stream: true));
        var responses = await PostAsync(host, "responses", $"{{\"model\":\"acme/m\",\"input\":\"{Text}\",\"tools\":{Tools}}}");
        var messages = await PostAsync(host, "messages", $"{{\"model\":\"acme/m\",\"max_tokens\":99,\"messages\":[{{\"role\":\"user\",\"content\":\"{Text}\"}}],\"tools\":{Tools}}}");

        Assert.Null(none.Usage!["server_tool_use_details"]);
        foreach (var usage in (JsonNode[])[chat.Usage!, streamed.Usage!, responses["usage"]!])
            Assert.Equal("{\"web_search_requests\":1,\"tool_calls_requested\":2,\"tool_calls_executed\":2}", usage["server_tool_use_details"]!.ToJsonString());
        Assert.Equal("{\"web_search_requests\":1,\"web_fetch_requests\":0}", messages["usage"]!["server_tool_use"]!.ToJsonString());
    }

    private static async Task<JsonNode> PostAsync(GatewayHost host, string route, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Client.PostAsync("api/v1/" + route, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    [Fact]
    public async Task CallsOfTheCallersOwnFunctions_EndTheLoop_AndOursAreLeftOut()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });

        var reply = await host.ChatAsync(Body(
            "call get_time and openrouter_datetime",
            """[{"type":"openrouter:datetime"},{"type":"function","function":{"name":"get_time","parameters":{"type":"object","properties":{}}}}]"""));

        Assert.Equal("tool_calls", reply.Finish);
        Assert.Equal("get_time", (string?)Assert.Single(reply.Json["choices"]![0]!["message"]!["tool_calls"]!.AsArray())!["function"]!["name"]);
        Assert.Single(Turns(host));
    }

    [Fact]
    public async Task TheBudgetOfCalls_EndsInALastTurnThatMayCallNothing()
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });
        var body = Body("call openrouter_datetime", """[{"type":"openrouter:datetime"}]""");
        body["max_tool_calls"] = 1;

        Assert.Equal("stop", (await host.ChatAsync(body)).Finish);

        var turns = Turns(host);
        Assert.Equal(2, turns.Count);
        Assert.Equal("none", (string?)turns[1]["tool_choice"]);
    }

    [Theory]
    [InlineData("""[{"type":"openrouter:bash"}]""", "tools[0].type")]
    [InlineData("""[{"type":"openrouter:datetime"},{"type":"openrouter:datetime"}]""", "tools")]
    [InlineData("""[{"type":"openrouter:datetime","parameters":{"timezone":"Mars/Olympus"}}]""", "tools.openrouter:datetime.parameters.timezone")]
    [InlineData("""[{"type":"openrouter:web_fetch","parameters":{"max_uses":0}}]""", "tools.openrouter:web_fetch.parameters.max_uses")]
    [InlineData("""[{"type":"openrouter:web_search"}]""", "tools.openrouter:web_search.type")]
    public async Task WhatCannotBeDone_IsA400ThatNamesThePath(string tools, string param)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = Config() });

        var reply = await host.ChatAsync(Body("hi", tools));

        Assert.Equal((400, param), (reply.Status, (string?)reply.Json["error"]!["metadata"]?["param"] ?? (string?)reply.Json["error"]!["param"]));
        Assert.Empty(host.Simulator!.Requests);
    }
}
