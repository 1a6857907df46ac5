using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary>Router slugs in lists, those this gateway does not have, aliases of families, and explanations of models nobody can be asked for.</summary>
public sealed class RouterSlugTests(RouterHost host) : IClassFixture<RouterHost>
{
    [Theory]
    [InlineData("openrouter/auto-beta")]
    [InlineData("openrouter/pareto-code")]
    [InlineData("openrouter/pareto-code:nitro")]
    [InlineData("openrouter/fusion")]
    [InlineData("OpenRouter/Fusion-Flash")]
    public async Task RouterThatIsNotHere_Is400ThatSaysSo(string slug)
    {
        var reply = await host.ChatAsync(RouterHost.Body(slug));
        Assert.Equal((400, "model"), (reply.Status, (string?)reply.Json["error"]!["param"]));
        Assert.Contains("is not offered by this gateway", (string?)reply.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routers_AreListedAsAGroup_WithTheirPrices_ForCallersToo_AndCounted()
    {
        var listed = await GetAsync("models?arch=Router");
        Assert.Equal(RoutersHere.Order(), listed["data"]!.AsArray().Select(model => (string)model!["id"]!).Order());
        Assert.Equal(RoutersHere.Length, (int)(await GetAsync("models/count?arch=Router"))["data"]!["count"]!);
        Assert.Equal(RoutersHere.Order(), (await GetAsync("models/user?arch=Router"))["data"]!.AsArray().Select(model => (string)model!["id"]!).Order());
        foreach (var model in listed["data"]!.AsArray())
        {
            var id = (string)model!["id"]!;
            var price = id == "openrouter/auto" ? "-1" : "0";
            Assert.Equal((price, price), ((string?)model["pricing"]!["prompt"], (string?)model["pricing"]!["completion"]));
            Assert.Equal(id, (string?)(await GetAsync($"models/{id}/endpoints"))["data"]!["id"]);
        }

        Assert.Contains("openrouter/free", (await GetAsync("models?max_price=0"))["data"]!.AsArray().Select(model => (string)model!["id"]!));
    }

    [Fact]
    public async Task LatestOfAFamily_IsItsNewestModel_AndTheAnswerNamesThatModel()
    {
        var reply = await host.ChatAsync(RouterHost.Body("~acme/talk-latest"), metadata: true);
        Assert.Equal((200, "acme/talk-2"), (reply.Status, (string?)reply.Json["model"]));
        Assert.Equal("latest", (string?)reply.Json["openrouter_metadata"]!["strategy"]);
        Assert.Equal("acme/talk-2-fast", (string?)(await host.ChatAsync(RouterHost.Body("~acme/talk-fast-latest"))).Json["model"]);
        Assert.Equal(400, (await host.ChatAsync(RouterHost.Body("~acme/none-latest"))).Status);

        // A family of the shipped catalog without a provider's key: a model is known, nobody serves it.
        var away = await host.ChatAsync(RouterHost.Body("~anthropic/claude-opus-latest"));
        Assert.Equal(404, away.Status);
        Assert.Contains("anthropic/claude-opus-", (string?)away.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplanationOfAModelNobodyCanBeAskedFor_SaysWhatIsMissing()
    {
        var text = (string)(await host.ExplainAsync(RouterHost.Body("anthropic/claude-sonnet-4.5")))["text"]!;
        Assert.Contains("anthropic/claude-sonnet-4.5: 0 endpoints", text, StringComparison.Ordinal);
        Assert.Contains("anthropic (anthropic/claude-sonnet-4.5) cannot be reached: ANTHROPIC_API_KEY is not set.", text, StringComparison.Ordinal);
        Assert.Contains("cannot be reached: no region is set", text, StringComparison.Ordinal);
    }

    private static string[] RoutersHere => ["openrouter/auto", "openrouter/bodybuilder", "openrouter/free"];

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await host.Gateway.Client.GetStringAsync("api/v1/" + path))!;
}
