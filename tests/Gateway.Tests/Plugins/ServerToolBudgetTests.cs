using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Ledger.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>What bounds the turns of a request with tools that the gateway runs: the model here calls until it may not. A turn costs 0.00002 dollars.</summary>
public sealed class ServerToolBudgetTests
{
    private const decimal Turn = 0.00002m;
    private const string Never = """[{"type":"has_tool_call","tool_name":"never"}]""";

    private static Task<GatewayHost> StartAsync(FakeService model, FakeService? exa = null, decimal credits = 1m) => GatewayHost.StartAsync(new()
    {
        Config = UpstreamConfig.Of(
            new UpstreamSetup
            {
                BaseUrl = model.Address + "/v1",
                MaxCompletion = 50_000,
                Inference = exa is null ? null : new JsonObject { ["web_search"] = new JsonObject { ["exa"] = new JsonObject { ["base_url"] = exa.Address, ["api_key"] = "k" } } },
            },
            "m"),
        Credits = credits,
    });

    /// <summary>An upstream that calls a function in every turn, several times if asked to, until it is told to call none.</summary>
    private static async Task<FakeService> CallingAsync(string function, string arguments = "{}", int calls = 1)
    {
        var service = await FakeService.StartAsync();
        JsonObject Message(FakeRequest request) => (string?)JsonNode.Parse(request.Body)!["tool_choice"] == "none"
            ? new JsonObject { ["role"] = "assistant", ["content"] = "done" }
            : new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = "so far",
                ["tool_calls"] = new JsonArray([.. Enumerable.Range(0, calls).Select(n => new JsonObject
                {
                    ["index"] = n, ["id"] = $"c{service.Requests.Count}-{n}", ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = function, ["arguments"] = arguments },
                })]),
            };
        JsonObject Answer(FakeRequest request, string kind, string part)
        {
            var message = Message(request);
            var finish = message.ContainsKey("tool_calls") ? "tool_calls" : "stop";
            return new JsonObject
            {
                ["id"] = "up", ["object"] = kind, ["created"] = 1, ["model"] = "m",
                ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, [part] = message, ["finish_reason"] = finish }),
                ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 5, ["total_tokens"] = 15 },
            };
        }

        service.Answer = request => (200, Answer(request, "chat.completion", "message").ToJsonString());
        service.PiecesWhere = static request => (bool?)JsonNode.Parse(request.Body)!["stream"] == true;
        service.Pieces = request => new[] { $"data: {Answer(request, "chat.completion.chunk", "delta").ToJsonString()}\n\n", "data: [DONE]\n\n" }.ToAsyncEnumerable();
        return service;
    }

    private static JsonObject Body(string tool, bool stream, string? stopWhen = null)
    {
        var body = ChatClient.Body("go on", stream);
        body["tools"] = new JsonArray(new JsonObject { ["type"] = tool });
        if (stopWhen is not null)
            body["stop_server_tools_when"] = JsonNode.Parse(stopWhen);
        return body;
    }

    private static async Task AssertPaidAsync(GatewayHost host, ChatReply reply, decimal cost)
    {
        Assert.Equal((200, cost), (reply.Status, reply.Cost));
        Assert.Equal(cost, await host.SpentAsync());
        using var report = new StringWriter();
        Assert.True(host.Services.GetRequiredService<LedgerVerifier>().Verify(report), report.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ThirtyCalls_AreTheMost_WhateverTheCallersConditionsAre(bool stream)
    {
        await using var model = await CallingAsync("openrouter_datetime");
        await using var host = await StartAsync(model);

        var reply = await host.ChatAsync(Body("openrouter:datetime", stream, Never));

        Assert.Equal(31, model.Requests.Count);
        Assert.Equal("none", (string?)JsonNode.Parse(model.Requests.Last().Body)!["tool_choice"]);
        Assert.Equal("stop", reply.Finish);
        await AssertPaidAsync(host, reply, 31 * Turn);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TurnsThatEnded_AreHeldAtWhatTheyUsed_SoThatCreditsForOneWorstCaseDoForAll(bool stream)
    {
        // A turn may cost 0.002 and a little for its prompt.
        await using var model = await CallingAsync("openrouter_datetime");
        await using var host = await StartAsync(model, credits: 0.006m);
        var body = Body("openrouter:datetime", stream);
        body["max_tokens"] = 1000;

        var reply = await host.ChatAsync(body);

        Assert.Equal("stop", reply.Finish);
        await AssertPaidAsync(host, reply, 31 * Turn);
    }

    [Theory]
    [InlineData(false, 1000, 0.0025)]
    [InlineData(true, 1000, 0.0025)]
    [InlineData(true, null, 0.0170)]
    public async Task CreditsEndBetweenTurns_TheLastTurnIsTheAnswer_WithLength_AndEveryTurnIsPaid(bool stream, int? maxTokens, double credits)
    {
        await using var model = await CallingAsync("openrouter_datetime");
        await using var host = await StartAsync(model, credits: (decimal)credits);
        var body = Body("openrouter:datetime", stream);
        body["max_tokens"] = maxTokens;

        var reply = await host.ChatAsync(body);

        Assert.InRange(model.Requests.Count, 2, 30);
        Assert.Equal("length", reply.Finish);
        Assert.Contains("so far", reply.Content, StringComparison.Ordinal);
        await AssertPaidAsync(host, reply, model.Requests.Count * Turn);
    }

    [Fact]
    public async Task CallsBeyondTheBudget_AreNotRun_AndTheModelIsTold()
    {
        await using var model = await CallingAsync("openrouter_datetime", calls: 3);
        await using var host = await StartAsync(model);
        var body = Body("openrouter:datetime", stream: false);
        body["max_tool_calls"] = 2;

        var reply = await host.ChatAsync(body);

        Assert.Equal("done", reply.Content);
        var results = JsonNode.Parse(model.Requests.Last().Body)!["messages"]!.AsArray().Where(static message => (string?)message!["role"] == "tool").Select(static message => (string)message!["content"]!).ToList();
        Assert.Equal(3, results.Count);
        Assert.Contains("datetime", results[1], StringComparison.Ordinal);
        Assert.Contains("may be called 2 times", results[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MaxCost_CountsWhatSearchesCost()
    {
        await using var exa = await FakeService.StartAsync();
        var results = new JsonArray([.. Enumerable.Range(0, 5).Select(static n => new JsonObject { ["title"] = "T", ["url"] = $"https://example.org/{n}", ["text"] = "x" })]);
        exa.Answer = _ => (200, new JsonObject { ["results"] = results.DeepClone() }.ToJsonString());
        await using var model = await CallingAsync("openrouter_web_search", """{"query":"rain"}""");
        await using var host = await StartAsync(model, exa);

        // A search brings five results at 0.004 dollars.
        var reply = await host.ChatAsync(Body("openrouter:web_search", stream: false, """[{"type":"max_cost","max_cost_in_dollars":0.03}]"""));

        Assert.Equal((2, 3), (exa.Requests.Count, model.Requests.Count));
        await AssertPaidAsync(host, reply, (2 * 0.02m) + (3 * Turn));
    }
}
