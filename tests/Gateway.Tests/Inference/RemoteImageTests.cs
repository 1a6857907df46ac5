using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Images by address, for a provider that cannot fetch them itself: the gateway does, and never from inside its own network.</summary>
public sealed class RemoteImageTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9/cat.png")]
    [InlineData("http://localhost:9/cat.png")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::ffff:10.0.0.1]/cat.png")]
    public async Task AddressInside_IsRefused_BeforeAnyUpstreamCall_WithoutCharge(string address)
    {
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "gemini" }, "gemini-2.5-flash") });
        var body = ChatClient.Body();
        body["messages"]![0]!["content"] = new JsonArray(
            new JsonObject { ["type"] = "text", ["text"] = "What is this?" },
            new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } });
        var reply = await host.ChatAsync(body);

        Assert.Equal(400, reply.Status);
        Assert.Equal("image_download_failed", reply.ErrorType);
        Assert.Empty(host.Simulator!.Requests);
        Assert.Equal(0m, await host.SpentAsync());
    }
}
