using System.Text.Json.Nodes;
using Fairlead.Catalog.Building;
using Fairlead.Catalog.Configuration;
using Fairlead.Catalog.Snapshot;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Inference.Routers.Auto;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Routers;

/// <summary><c>openrouter/auto</c> over sockets, with ranked lists of the operator's.</summary>
public sealed class AutoRouterTests(AutoRouterTests.Host host) : IClassFixture<AutoRouterTests.Host>
{
    private const string Lists = """
        , "auto_router": {
            "chat": ["acme/talk-1", "acme/talk-2"], "code": ["acme/coder", "acme/talk*"], "math": ["*/talk-2", "acme/talk-1"], "vision": ["acme/*"],
            "tools": ["acme/talk-1", "acme/talk-2-fast", "acme/talk-2"], "long_context": ["acme/talk-2-fast"], "long_context_tokens": 2000, "fallbacks": 2 }
        """;

    public sealed class Host : RouterHost
    {
        internal override string Inference => Lists;
    }

    [Theory]
    [InlineData("Good morning, how are you?", "chat", "acme/talk-1 acme/talk-2")]
    [InlineData("Write a Python function that reverses a linked list.", "code", "acme/coder acme/talk-2-fast acme/talk-2")]
    [InlineData("Solve for x: 3x + 7 = 22", "math", "acme/talk-2 acme/talk-1")]
    public async Task Task_ChoosesTheList_InItsOrder_AndTheAnswerNamesTheModel(string prompt, string task, string models)
    {
        var expected = models.Split(' ');
        var reply = await host.ChatAsync(RouterHost.Body(RouterSlugs.Auto, prompt), metadata: true);
        Assert.Equal((200, expected[0]), (reply.Status, (string?)reply.Json["model"]));
        Assert.True(reply.Cost > 0);
        var metadata = reply.Json["openrouter_metadata"]!;
        Assert.Equal(("auto", RouterSlugs.Auto), ((string?)metadata["strategy"], (string?)metadata["requested"]));
        Assert.Equal(task, (string?)metadata["pipeline"]![0]!["data"]!["task_type"]);
        Assert.Equal(expected, metadata["endpoints"]!["available"]!.AsArray().Select(one => (string?)one!["model"]));

        var why = await host.ExplainAsync(RouterHost.Body(RouterSlugs.Auto, prompt));
        Assert.Equal((task, "auto"), ((string?)why["router"]!["task_type"], (string?)why["router"]!["strategy"]));
        Assert.StartsWith($"openrouter/auto: taken for {task}, ", (string?)why["text"], StringComparison.Ordinal);
        await host.Gateway.GenerationAsync(reply.GenerationId);
        var kept = JsonNode.Parse(await host.Gateway.Client.GetStringAsync("api/v1/generation/why?id=" + reply.GenerationId))!;
        Assert.Equal(task, (string?)kept["router"]!["task_type"]);
    }

    [Fact]
    public async Task AConversation_KeepsItsModel_WhileThatIsAllowedAndCanServe()
    {
        const string Code = "Write a Python function that reverses a linked list.";
        async Task<string?> ModelAsync(string prompt, string session, string? member = null, string value = "")
        {
            var body = RouterHost.Body(RouterSlugs.Auto, prompt).With("session_id", $"\"{session}\"");
            var reply = await host.ChatAsync(member is null ? body : body.With(member, value), metadata: true);
            Assert.Equal(200, reply.Status);
            return (string?)reply.Json["model"];
        }

        Assert.Equal("acme/coder", await ModelAsync(Code, "s1"));
        Assert.Equal("acme/talk-1", await ModelAsync("Good morning", "s2"));
        Assert.Equal("acme/coder", await ModelAsync("Good morning", "s1"));
        Assert.Equal("acme/talk-1", await ModelAsync(Code, "s2"));
        // A caller that orders endpoints orders all of it.
        Assert.Equal("acme/talk-1", await ModelAsync("Good morning", "s1", "provider", """{"order":["one"]}"""));
        Assert.Equal("acme/talk-1", await ModelAsync("Good morning", "s1", "plugins", """[{"id":"auto-router","excluded_models":["acme/coder"]}]"""));
        // The last good answer is what is remembered.
        Assert.Equal("acme/talk-1", await ModelAsync(Code, "s1"));

        Assert.Equal("acme/coder", await ModelAsync(Code, "s3"));
        Assert.Equal(200, (await host.ChatAsync(RouterHost.WithImage(RouterHost.Body(RouterSlugs.Auto)).With("session_id", "\"s3\""))).Status);
        var unnamed = RouterHost.Body(RouterSlugs.Auto, Code);
        Assert.Equal("acme/coder", (string?)(await host.ChatAsync(unnamed)).Json["model"]);
        unnamed["messages"]!.AsArray().Add(JsonNode.Parse("""{"role":"user","content":"Solve for x: 3x + 7 = 22"}"""));
        Assert.Equal("acme/talk-2", (string?)(await host.ChatAsync(unnamed)).Json["model"]);
    }

    [Fact]
    public async Task WhatTheRequestNeeds_PassesOverModelsOfTheListThatLackIt()
    {
        Assert.Equal(["acme/talk-2"], await ModelsAsync(RouterHost.WithImage(RouterHost.Body(RouterSlugs.Auto))));
        Assert.Equal(["acme/talk-2-fast", "acme/talk-2"], await ModelsAsync(RouterHost.WithTool(RouterHost.Body(RouterSlugs.Auto, "hello"))));
        Assert.Equal(["acme/talk-2-fast"], await ModelsAsync(RouterHost.Body(RouterSlugs.Auto, string.Concat(Enumerable.Repeat("a long report about the harbour. ", 600)))));

        var schema = RouterHost.Body(RouterSlugs.Auto, "hello");
        schema["response_format"] = JsonNode.Parse("""{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}""");
        Assert.Equal(["acme/talk-2"], await ModelsAsync(schema));

        var nobody = await host.ChatAsync(RouterHost.WithTool(RouterHost.Body(RouterSlugs.Auto, "hello", stream: true).With("provider", """{"only":["two"]}""")));
        Assert.Equal(404, nobody.Status);
        Assert.Contains("No endpoints found for openrouter/auto: none of 3 models can serve", (string?)nobody.Json["error"]!["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailingModel_IsFollowedByTheNextOfTheList()
    {
        await using var failing = await GatewayHost.StartAsync(new() { Config = RouterHost.Config(Lists, talk1: "sim?status=503") });
        foreach (var stream in (bool[])[false, true])
        {
            var reply = await RouterHost.ChatAsync(failing.Client, RouterHost.Body(RouterSlugs.Auto, "Good morning", stream));
            Assert.Equal((200, "acme/talk-2"), (reply.Status, (string?)(stream ? reply.Events[0] : reply.Json)["model"]));
        }
    }

    [Fact]
    public async Task ClassifierThatThrows_FailsNoRequest()
    {
        await using var other = await GatewayHost.StartAsync(new() { Config = RouterHost.Config(Lists), Configure = static services => services.AddSingleton<ITaskClassifier, Thrower>() });
        var reply = await RouterHost.ChatAsync(other.Client, RouterHost.Body(RouterSlugs.Auto, "Write a Python function."), metadata: true);
        Assert.Equal((200, "acme/talk-1"), (reply.Status, (string?)reply.Json["model"]));
        Assert.Contains("classifier failed", (string?)reply.Json["openrouter_metadata"]!["summary"], StringComparison.Ordinal);
    }

    [Fact]
    public void ShippedLists_NameModelsOfTheShippedCatalogThatCanBeDispatched()
    {
        var options = AutoRouterOptions.Default;
        var snapshot = new CatalogLoader(static _ => null).Load([], []).Snapshot!;
        foreach (var list in (IReadOnlyList<string>[])[options.Chat, options.Code, options.Math, options.LongContext, options.Vision, options.Tools])
        {
            Assert.Equal("*", list[^1]);
            Assert.All(list.SkipLast(1), id => Assert.True(snapshot.Find(id) is { } model && model.Id == id && model.Endpoints.Any(endpoint => endpoint.NotDispatchable is null), id));
        }

        Assert.All(options.Vision.SkipLast(1), id => Assert.Contains("image", snapshot.Find(id)!.Architecture.InputModalities));
        Assert.All(options.Tools.SkipLast(1), id => Assert.Contains("tools", snapshot.Find(id)!.SupportedParameters));
        Assert.All(options.LongContext.SkipLast(1), id => Assert.True(snapshot.Find(id)!.ContextLength >= 500_000, id));
    }

    private async Task<IEnumerable<string?>> ModelsAsync(JsonObject body) =>
        (await host.ExplainAsync(body))["candidates"]!.AsArray().Where(one => (bool)one!["kept"]!).Select(one => (string?)one!["model"]);

    private sealed class Thrower : ITaskClassifier
    {
        public TaskType Classify(in PromptSample sample) => throw new InvalidOperationException("No classifier today.");
    }
}

internal static class BodyEdits
{
    /// <summary>The same with a member.</summary>
    public static JsonObject With(this JsonObject body, string name, string json)
    {
        body[name] = JsonNode.Parse(json);
        return body;
    }
}
