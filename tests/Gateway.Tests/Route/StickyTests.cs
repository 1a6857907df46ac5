using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Route;

/// <summary>Conversations come back to the endpoint that has them in its prompt cache. Two endpoints of one price: without that, a toss of a coin.</summary>
public sealed class StickyTests : IAsyncLifetime
{
    private const string Config = """
        {
          "providers": [
            { "slug": "one", "name": "One", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "k", "allow_private_network": true },
            { "slug": "two", "name": "Two", "protocol": "openai-chat", "base_url": "SIMULATOR/v1", "api_key": "k", "allow_private_network": true },
          ],
          "models": [ { "id": "acme/m", "name": "M", "context_length": 131072, "endpoints": [
            { "provider": "one", "model": "sim", "pricing": { "prompt": "0.000001", "completion": "0.000001", "input_cache_read": "0.0000001" } },
            { "provider": "two", "model": "sim", "pricing": { "prompt": "0.000001", "completion": "0.000001", "input_cache_read": "0.0000001" } } ] } ],
        }
        """;

    private GatewayHost host = null!;

    public async Task InitializeAsync() => host = await GatewayHost.StartAsync(new() { Config = Config });

    public Task DisposeAsync() => host.DisposeAsync().AsTask();

    private async Task<string> AskAsync(string member, string? value)
    {
        var body = ChatClient.Body(string.Concat(Enumerable.Repeat("a long story that is worth being cached. ", 300)));
        body.Remove("provider");
        body["max_tokens"] = 5;
        if (value is not null)
            body[member] = value;
        var reply = await host.ChatAsync(body);
        Assert.Equal(200, reply.Status);
        return (string)reply.Json["provider"]!;
    }

    [Theory]
    [InlineData("session_id")]
    [InlineData("prompt_cache_key")]
    public async Task ANamedConversation_StaysWhereItWas(string member)
    {
        for (var conversation = 0; conversation < 4; conversation++)
        {
            var first = await AskAsync(member, "c" + conversation);
            for (var turn = 0; turn < 6; turn++)
                Assert.Equal(first, await AskAsync(member, "c" + conversation));
        }
    }

    [Fact]
    public async Task AnUnnamedConversation_StaysOnceItsCacheWasUsed()
    {
        // The first answer fills the provider's cache, the second reports its use.
        await AskAsync("user", "u");
        var second = await AskAsync("user", "u");
        for (var turn = 0; turn < 8; turn++)
            Assert.Equal(second, await AskAsync("user", "u"));
    }

    [Fact]
    public async Task DifferentConversations_AreDrawnAnew()
    {
        var providers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 40 && providers.Count < 2; i++)
            providers.Add(await AskAsync("session_id", "d" + i));
        Assert.Equal(2, providers.Count);
    }
}
