using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Gateway.Tests.Limits;
using Fairlead.Gateway.Tests.Responses;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Context compression over real sockets: asked for in each way, unasked for small windows, switched off, and where nothing helps.</summary>
public sealed class ContextCompressionTests
{
    private const int Window = 20_000;

    /// <summary>Instructions, forty messages of about a thousand tokens, and a question.</summary>
    private static JsonArray Messages(int count = 40, int words = 1000)
    {
        var messages = new JsonArray(Message("system", "Answer shortly."));
        for (var i = 0; i < count; i++)
            messages.Add(Message(i % 2 == 0 ? "user" : "assistant", $"{i} {string.Join(' ', Enumerable.Repeat("word", words))}"));
        messages.Add(Message("user", "Repeat after me: done"));
        return messages;
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };

    private static JsonObject Body(JsonArray messages, string? asked)
    {
        var body = ChatClient.Body();
        body["messages"] = messages;
        foreach (var (name, value) in asked is null ? [] : JsonNode.Parse(asked)!.AsObject())
            body[name] = value!.DeepClone();
        return body;
    }

    private static Task<GatewayHost> HostAsync(int context, params string[] upstreams) =>
        GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Context = context, MaxCompletion = 2000 }, upstreams.Length == 0 ? ["sim"] : upstreams) });

    private static JsonArray Sent(GatewayHost host) => JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["messages"]!.AsArray();

    [Fact]
    public async Task TooLong_IsA400ThatNamesTheWayOut_AndEachWayTakesIt()
    {
        await using var host = await HostAsync(Window);
        var refused = await host.ChatAsync(Body(Messages(), null));
        Assert.Equal(400, refused.Status);
        Assert.Contains("middle-out", (string)refused.Json["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), """{"transforms":[]}"""))).Status);
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), """{"transforms":["middle-out"],"plugins":[{"id":"context-compression","enabled":false}]}"""))).Status);
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), """{"plugins":[{"id":"context-compression","engine":"zip"}]}"""))).Status);
        Assert.Empty(host.Simulator!.Requests);

        foreach (var asked in new[] { """{"transforms":["middle-out"]}""", """{"plugins":[{"id":"context-compression"}]}""", """{"plugins":{"context-compression":{"engine":"middle-out"}},"transforms":[]}""" })
        {
            var reply = await host.ChatAsync(Body(Messages(), asked));
            Assert.True(reply.Status == 200, reply.Text);
            Assert.Equal("done", reply.Content);
            // A window of 20,000, of which 2,000 are for the answer: 17 of the 40, eight or nine at each end.
            var texts = Sent(host).Select(message => ((string)message!["content"]!).Split(' ')[0]).ToList();
            Assert.Equal(19, texts.Count);
            Assert.Equal(("Answer", "0", "39", "Repeat"), (texts[0], texts[1], texts[^2], texts[^1]));
        }

        var input = new JsonArray([.. Messages().Select(message => message!.DeepClone())]);
        var body = ResponsesCaller.Body(input, model: UpstreamConfig.Model);
        body["truncation"] = "auto";
        Assert.Equal("done", (await host.RespondAsync(body)).Content);
        body["truncation"] = "disabled";
        Assert.Equal(400, (await host.RespondAsync(body)).Status);
    }

    [Fact]
    public async Task TransformsOfTheRequest_TakeBackTheAccountsDefault_UnlessItMayNotBeOverridden()
    {
        await using var host = await HostAsync(Window);
        async Task SetAsync(string setting) => await host.ChangeAccountAsync("\"plugins\":[{\"id\":\"context-compression\"," + setting + "}]");

        await SetAsync("\"enabled\":true");
        Assert.Equal("done", (await host.ChatAsync(Body(Messages(), null))).Content);
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), """{"transforms":[]}"""))).Status);
        Assert.Equal("done", (await host.ChatAsync(Body(Messages(), """{"transforms":[],"plugins":[{"id":"context-compression"}]}"""))).Content);

        await SetAsync("\"enabled\":false");
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), null))).Status);
        Assert.Equal("done", (await host.ChatAsync(Body(Messages(), """{"transforms":["middle-out"]}"""))).Content);

        await SetAsync("\"enabled\":true,\"prevent_overrides\":true");
        Assert.Equal("done", (await host.ChatAsync(Body(Messages(), """{"transforms":[]}"""))).Content);
        await SetAsync("\"enabled\":false,\"prevent_overrides\":true");
        Assert.Equal(400, (await host.ChatAsync(Body(Messages(), """{"transforms":["middle-out"]}"""))).Status);
    }

    [Fact]
    public async Task TheMetadataSaysWhatWasLeftOut()
    {
        await using var host = await HostAsync(Window);
        using var request = ChatClient.Request(Body(Messages(), """{"transforms":["middle-out"]}"""));
        request.Headers.Add("X-OpenRouter-Metadata", "enabled");

        using var response = await host.Client.SendAsync(request);

        var stage = Assert.Single(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["openrouter_metadata"]!["pipeline"]!.AsArray())!;
        Assert.Equal("context_compression", (string?)stage["type"]);
        Assert.Equal("""{"engine":"middle-out","input_type":"messages","original_count":42,"compressed_count":19}""", stage["data"]!.ToJsonString());
    }

    [Fact]
    public async Task SmallWindows_AreCompressedForUnasked_UnlessSomebodyHasRoom()
    {
        await using (var host = await HostAsync(4000))
        {
            Assert.Equal("done", (await host.ChatAsync(Body(Messages(10, 600), null))).Content);
            Assert.True(Sent(host).Count < 8);
            Assert.Equal(400, (await host.ChatAsync(Body(Messages(10, 600), """{"transforms":[]}"""))).Status);
            Assert.Equal(400, (await host.ChatAsync(Body(Messages(10, 600), """{"plugins":[{"id":"context-compression","enabled":false}]}"""))).Status);
            Assert.Equal("done", (await host.ChatAsync(Body(Messages(2, 10), null))).Content);
            Assert.Equal(4, Sent(host).Count);
        }

        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Context = 4000, MaxCompletion = 2000 }, "small", "large"))!;
        config["models"]![0]!["endpoints"]![1]!["context_length"] = 50_000;
        await using var both = await GatewayHost.StartAsync(new() { Config = config.ToJsonString() });
        Assert.Equal("done", (await both.ChatAsync(Body(Messages(10, 600), null))).Content);
        Assert.Equal(12, Sent(both).Count);
        Assert.Equal("large", (string?)JsonNode.Parse(both.Simulator!.Requests[^1].BodyText)!["model"]);
        // Nobody has room for half of it, so the largest gets what it can take.
        Assert.Equal("done", (await both.ChatAsync(Body(Messages(130, 1000), """{"transforms":["middle-out"]}"""))).Content);
        Assert.Equal("large", (string?)JsonNode.Parse(both.Simulator!.Requests[^1].BodyText)!["model"]);
    }

    [Fact]
    public async Task OneLongText_LosesItsMiddle_AndWhatCannotBeShortenedIsA400()
    {
        await using var host = await HostAsync(2000);
        var question = new JsonArray(Message("user", "Repeat after me: first " + string.Join(' ', Enumerable.Repeat("word", 3000)) + " last"));
        Assert.Equal(200, (await host.ChatAsync(Body(question, """{"transforms":["middle-out"],"max_tokens":1000}"""))).Status);
        var text = (string)Assert.Single(Sent(host))!["content"]!;
        Assert.True(text.StartsWith("Repeat after me: first", StringComparison.Ordinal) && text.EndsWith("last", StringComparison.Ordinal) && text.Contains("\n…\n", StringComparison.Ordinal));

        var instructions = new JsonArray([.. Enumerable.Range(0, 500).Select(_ => Message("system", "x")), Message("user", "hi")]);
        var refused = await host.ChatAsync(Body(instructions, """{"transforms":["middle-out"]}"""));
        Assert.Equal(400, refused.Status);
        Assert.Contains("may not leave out", (string)refused.Json["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Single(host.Simulator!.Requests);
    }

    [Fact]
    public async Task Claude_GetsAThousandMessagesAtMost()
    {
        var config = UpstreamConfig.Of("sim").Replace("\"tokenizer\":\"GPT\"", "\"tokenizer\":\"Claude\"", StringComparison.Ordinal);
        await using var host = await GatewayHost.StartAsync(new() { Config = config });
        var messages = new JsonArray([.. Enumerable.Range(0, 1200).Select(i => Message(i % 2 == 0 ? "user" : "assistant", $"{i}")), Message("user", "Repeat after me: done")]);

        Assert.Equal("done", (await host.ChatAsync(Body(messages.DeepClone().AsArray(), """{"transforms":["middle-out"]}"""))).Content);

        var texts = Sent(host).Select(message => (string)message!["content"]!).ToList();
        Assert.Equal(1000, texts.Count);
        Assert.Equal(("0", "499", "701", "1199"), (texts[0], texts[499], texts[500], texts[^2]));
        await host.ChatAsync(Body(messages, null));
        Assert.Equal(1201, Sent(host).Count);
    }
}
