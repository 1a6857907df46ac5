using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;
using Fairlead.Inference.Plugins;
using Fairlead.Inference.Prepare;
using Fairlead.Inference.Route;
using Fairlead.Inference.Routers;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary><c>openrouter/free</c> over sockets.</summary>
public sealed class FreeRouterTests(RouterHost host) : IClassFixture<RouterHost>
{
    private static readonly string[] Free = ["acme/words:free", "acme/eyes:free", "acme/hands:free", "acme/forms:free"];

    [Fact]
    public async Task EveryAnswer_IsOfAFreeModel_NotAlwaysTheSame_AndCostsNothing()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => host.ChatAsync(RouterHost.Body(RouterSlugs.Free, stream: i % 2 == 0), metadata: true)));
        foreach (var reply in replies)
        {
            Assert.Equal((200, "hello"), (reply.Status, reply.Content));
            Assert.Equal(0, reply.Cost);
            Assert.Contains(Model(reply), Free);
            Assert.Equal("free", (string?)Metadata(reply)["strategy"]);
            Assert.Equal(RouterSlugs.Free, (string?)Metadata(reply)["requested"]);
        }

        Assert.True(replies.Select(Model).Distinct().Count() > 1);
    }

    [Fact]
    public async Task AConversation_KeepsTheModelItDrew()
    {
        var body = RouterHost.Body(RouterSlugs.Free);
        body["session_id"] = "kept";
        var models = new List<string?>();
        for (var i = 0; i < 8; i++)
            models.Add((string?)(await host.ChatAsync(body)).Json["model"]);
        Assert.Single(models.Distinct());
    }

    [Fact]
    public async Task WhatTheRequestNeeds_NarrowsTheDraw()
    {
        Assert.Equal(["acme/eyes:free"], await CandidatesAsync(RouterHost.WithImage(RouterHost.Body(RouterSlugs.Free))));
        Assert.Equal(["acme/hands:free"], await CandidatesAsync(RouterHost.WithTool(RouterHost.Body(RouterSlugs.Free))));
        var schema = RouterHost.Body(RouterSlugs.Free);
        schema["response_format"] = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}""");
        Assert.Equal(["acme/forms:free"], await CandidatesAsync(schema));
    }

    [Fact]
    public async Task NoFreeModelCanServe_Is404ThatSaysSo_UnlessTheRequestNamesOthers()
    {
        var body = RouterHost.WithTool(RouterHost.WithImage(RouterHost.Body(RouterSlugs.Free)));
        var reply = await host.ChatAsync(body);
        Assert.Equal(404, reply.Status);
        Assert.Contains("none of 4 free models can serve this request", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);

        body["models"] = new JsonArray("acme/talk-2");
        Assert.Equal("acme/talk-2", (string?)(await host.ChatAsync(body)).Json["model"]);
    }

    [Fact]
    public void TheSameSeed_DrawsTheSameOrder_AndEveryModelIsFirstAboutAsOften()
    {
        var models = Free.Select(id => new RequestedModel(new Model { Id = id, CanonicalSlug = id, Name = id, Architecture = new() }, RouteSort.Balanced)).ToList();
        var prepared = new PreparedRequest(null!, models, PluginRuns.None);
        var routed = new Routed(RouterSlugs.Free, RouterKind.Free, null, "drawn") { From = 0, Count = models.Count };
        var firsts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (ulong seed = 0; seed < 4000; seed++)
        {
            var drawn = FreeRouter.Draw(prepared, routed, seed).Models.Select(model => model.Model.Id).ToList();
            Assert.Equal(drawn, FreeRouter.Draw(prepared, routed, seed).Models.Select(model => model.Model.Id));
            Assert.Equal(Free.Order(), drawn.Order());
            firsts[drawn[0]] = firsts.GetValueOrDefault(drawn[0]) + 1;
        }

        Assert.All(Free, id => Assert.InRange(firsts[id], 850, 1150));
    }

    private async Task<IEnumerable<string?>> CandidatesAsync(JsonObject body) =>
        (await host.ExplainAsync(body))["candidates"]!.AsArray().Select(one => (string?)one!["model"]);

    private static JsonNode Metadata(Inference.ChatReply reply) => (reply.ContentType == "text/event-stream" ? reply.Events[^1] : reply.Json)["openrouter_metadata"]!;

    private static string Model(Inference.ChatReply reply) => (string)(reply.ContentType == "text/event-stream" ? reply.Events[0] : reply.Json)["model"]!;
}
