using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Cloud;

/// <summary>Azure, end to end: its two forms of addresses, its keys, its filter, and the formats of the models' authors in it.</summary>
public sealed class AzureTests
{
    [Theory]
    [InlineData(CloudSetup.AzureChat, "/openai/v1/chat/completions")]
    [InlineData(CloudSetup.AzureDeployment, "/openai/deployments/my%20deployment/chat/completions?api-version=2024-10-21")]
    [InlineData(CloudSetup.AzureClaude, "/anthropic/v1/messages")]
    [InlineData(CloudSetup.AzureResponses, "/openai/v1/responses")]
    public async Task Address_AndKey_AreAzures(string model, string path)
    {
        await using var host = await CloudSetup.StartAsync();
        foreach (var stream in (bool[])[false, true])
        {
            var reply = await host.ChatAsync(CloudSetup.Body(model, stream: stream));
            Assert.Equal((200, "hello", "stop"), (reply.Status, reply.Content, reply.Finish));
            Assert.True(reply.Cost > 0);
            var sent = host.Simulator!.Requests[^1];
            Assert.Equal(path, sent.Path);
            Assert.Equal("azure-key", sent.Headers["api-key"]);
            Assert.False(sent.Headers.ContainsKey("Authorization"));
            Assert.Equal(model == CloudSetup.AzureClaude, sent.Headers.ContainsKey("x-api-key"));
            Assert.Equal(model == CloudSetup.AzureClaude, sent.Headers.ContainsKey("anthropic-version"));
        }
    }

    [Fact]
    public async Task Token_IsSentAsBearer_WhereTheProviderSaysSo()
    {
        var config = JsonNode.Parse(UpstreamConfig.Of(new UpstreamSetup { Protocol = "azure-openai", BaseUrl = "SIMULATOR/openai" }, "sim"))!;
        config["providers"]![0]!["auth"] = "bearer";
        await using var host = await GatewayHost.StartAsync(new() { Config = config.ToJsonString() });
        Assert.Equal(200, (await host.ChatAsync()).Status);
        var sent = host.Simulator!.Requests[^1];
        Assert.Equal("Bearer key", sent.Headers["Authorization"]);
        Assert.False(sent.Headers.ContainsKey("api-key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EncryptedReasoning_IsAzuresOwn_AndGoesBack(bool stream)
    {
        await using var host = await CloudSetup.StartAsync();
        var body = CloudSetup.Body(CloudSetup.AzureResponses, "hello", stream);
        body["reasoning"] = new JsonObject { ["effort"] = "low" };
        var message = (await host.ChatAsync(body)).Message(stream);
        var encrypted = Assert.Single(message["reasoning_details"]!.AsArray(), d => (string?)d!["type"] == "reasoning.encrypted")!;
        Assert.Equal("azure-openai-responses-v1", (string?)encrypted["format"]);
        body["messages"]!.AsArray().Add(message.DeepClone());
        body["messages"]!.AsArray().Add(new JsonObject { ["role"] = "user", ["content"] = "and?" });
        Assert.Equal(200, (await host.ChatAsync(body)).Status);
        Assert.Contains((string)encrypted["data"]!, JsonNode.Parse(host.Simulator!.Requests[^1].BodyText)!["input"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CloudSetup.AzureChat)]
    [InlineData(CloudSetup.AzureDeployment)]
    [InlineData(CloudSetup.AzureResponses)]
    public async Task PromptTheFilterRefuses_IsContentPolicy_AndFree(string model)
    {
        await using var host = await CloudSetup.StartAsync("refusal=1");
        var before = await host.SpentAsync();
        var reply = await host.ChatAsync(CloudSetup.Body(model));
        Assert.Equal((400, "content_policy_violation"), (reply.Status, reply.ErrorType));
        Assert.Equal(before, await host.SpentAsync());
    }

    [Theory]
    [InlineData("filter=1", "content_filter")]
    [InlineData("cut_after=8&tokens=50", "error")]
    [InlineData("error_after=8&tokens=50", "error")]
    public async Task Stream_EndsAsItDid(string fault, string finish)
    {
        await using var host = await CloudSetup.StartAsync(fault);
        foreach (var model in (string[])[CloudSetup.AzureChat, CloudSetup.AzureDeployment, CloudSetup.AzureResponses])
        {
            var reply = await host.ChatAsync(CloudSetup.Body(model, "hello", stream: true));
            Assert.NotEmpty(reply.Content);
            Assert.Equal(finish, reply.Finish);
        }
    }

    [Fact]
    public async Task DeploymentThatIsNotThere_AndWrongKeys_AreOursNotTheCallers()
    {
        await using var host = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Models(new UpstreamSetup { Protocol = "azure-openai", BaseUrl = "SIMULATOR" }, ("acme/gone", ["missing"]), ("openai/gone-codex", ["missing"])),
        });
        foreach (var model in (string[])["acme/gone", "openai/gone-codex"])
            Assert.Equal(502, (await host.ChatAsync(ChatClient.Body(model: model))).Status);

        await using var other = await GatewayHost.StartAsync(new()
        {
            Config = UpstreamConfig.Of(new UpstreamSetup { Protocol = "azure-openai", BaseUrl = "SIMULATOR", ApiKey = "sim-bad-key" }, "sim"),
        });
        var refused = await other.ChatAsync();
        Assert.Equal(502, refused.Status);
        Assert.DoesNotContain("sim-bad-key", refused.Text, StringComparison.Ordinal);
    }
}
