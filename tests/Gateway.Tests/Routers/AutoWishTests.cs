using System.Text.Json.Nodes;
using Fairlead.Catalog.Snapshot;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary>The request's entry <c>auto-router</c> in <c>plugins</c>, over sockets.</summary>
public sealed class AutoWishTests(AutoRouterTests.Host host) : IClassFixture<AutoRouterTests.Host>
{
    [Theory]
    [InlineData("""{}""", "acme/talk-1 acme/talk-2")]
    [InlineData("""{"allowed_models":["*/talk-2"]}""", "acme/talk-2")]
    [InlineData("""{"allowed_models":["acme/*"],"excluded_models":["ACME/talk-1"]}""", "acme/talk-2")]
    [InlineData("""{"allowed_models":["acme/talk-1"],"excluded_models":["acme/*"],"enabled":false}""", "acme/talk-1 acme/talk-2")]
    [InlineData("""{"cost_tier":"low"}""", "acme/talk-1 acme/talk-2")]
    [InlineData("""{"cost_tier":"max"}""", "acme/talk-2 acme/talk-1")]
    [InlineData("""{"cost_tier":"max","cost_quality_tradeoff":10}""", "acme/talk-2 acme/talk-1")]
    [InlineData("""{"cost_quality_tradeoff":0}""", "acme/talk-1 acme/talk-2")]
    [InlineData("""{"pin_model":true}""", "acme/talk-2 acme/talk-1")]
    public async Task Wish_NarrowsAndOrdersTheList(string options, string models)
    {
        var body = RouterHost.Body(RouterSlugs.Auto, "Good morning, how are you?");
        body["messages"]!.AsArray().Insert(0, JsonNode.Parse("""{"role":"assistant","content":"hello","model":"acme/talk-2"}"""));
        body["messages"]!.AsArray().Insert(0, JsonNode.Parse("""{"role":"assistant","content":"hi","model":"acme/talk-1"}"""));
        Assert.Equal(models.Split(' '), (await host.ExplainAsync(With(body, options)))["candidates"]!.AsArray().Select(one => (string?)one!["model"]));
    }

    [Fact]
    public async Task PinnedModelThatIsNotInTheList_IsPassedOver()
    {
        var body = With(RouterHost.Body(RouterSlugs.Auto, "Good morning, how are you?"), """{"pin_model":true}""");
        body["messages"]!.AsArray().Insert(0, JsonNode.Parse("""{"role":"assistant","content":"hello","model":"acme/coder"}"""));
        Assert.Equal("acme/talk-1", (string?)(await host.ChatAsync(body)).Json["model"]);
    }

    [Fact]
    public async Task NoModelLeft_Is404()
    {
        var reply = await host.ChatAsync(With(RouterHost.Body(RouterSlugs.Auto), """{"allowed_models":["acme/coder"],"excluded_models":["*/coder"]}"""));
        Assert.Equal(404, reply.Status);
        Assert.Contains("allowed_models and excluded_models leave no model", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"allowed_models":"acme/*"}""", "allowed_models")]
    [InlineData("""{"allowed_models":["acme"]}""", "allowed_models")]
    [InlineData("""{"excluded_models":[3]}""", "excluded_models")]
    [InlineData("""{"cost_tier":"free"}""", "cost_tier")]
    [InlineData("""{"cost_quality_tradeoff":11}""", "cost_quality_tradeoff")]
    [InlineData("""{"cost_quality_tradeoff":2.5}""", "cost_quality_tradeoff")]
    [InlineData("""{"pin_model":"yes"}""", "pin_model")]
    public async Task WrongOption_Is400NamingIt(string options, string member)
    {
        var reply = await host.ChatAsync(With(RouterHost.Body(RouterSlugs.Auto), options));
        Assert.Equal((400, $"plugins.auto-router.{member}"), (reply.Status, (string?)reply.Json["error"]!["param"]));
    }

    [Theory]
    [InlineData(1024, 9, 200)]
    [InlineData(1025, 9, 400)]
    [InlineData(1, 1024, 404)]
    [InlineData(1, 1025, 400)]
    [InlineData(64, 1024, 404)]
    [InlineData(65, 1024, 400)]
    public async Task Patterns_AreBoundedInNumberAndLength(int count, int length, int status)
    {
        // The last one of short patterns is a model of the list.
        var patterns = new JsonArray([.. Enumerable.Range(0, count).Select(_ => (JsonNode)("acme/ta" + new string('x', length - 8) + "*"))]);
        if (length < 100)
            patterns[count - 1] = "acme/*";
        var reply = await host.ChatAsync(With(RouterHost.Body(RouterSlugs.Auto), new JsonObject { ["allowed_models"] = patterns }.ToJsonString()));
        Assert.Equal(status, reply.Status);
    }

    [Fact]
    public async Task EntryBesideAnOrdinaryModel_ChangesNothing()
    {
        var reply = await host.ChatAsync(With(RouterHost.Body("acme/talk-1"), """{"allowed_models":["acme/coder"]}"""));
        Assert.Equal((200, "acme/talk-1"), (reply.Status, (string?)reply.Json["model"]));
    }

    private static JsonObject With(JsonObject body, string options)
    {
        var entry = JsonNode.Parse(options)!.AsObject();
        entry["id"] = "auto-router";
        body["plugins"] = new JsonArray(entry);
        return body;
    }
}
