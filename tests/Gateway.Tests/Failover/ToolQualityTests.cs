using System.Text.Json.Nodes;
using Fairlead.Catalog.Health;
using Fairlead.Gateway.Tests.Inference;
using Fairlead.Storage;
using Fairlead.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Gateway.Tests.Failover;

/// <summary>Tool-call success of endpoints is counted from their answers (routing §10.3), in every dialect, streamed and not.</summary>
public sealed class ToolQualityTests
{
    private static readonly string[] Protocols = ["openai-chat", "anthropic-messages", "gemini", "cohere", "ollama"];

    public static TheoryData<string, bool, bool> Cases()
    {
        var cases = new TheoryData<string, bool, bool>();
        foreach (var protocol in Protocols)
        {
            foreach (var stream in (bool[])[true, false])
            {
                cases.Add(protocol, stream, true);
                cases.Add(protocol, stream, false);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Calls_AreJudgedByTheirSchema(string protocol, bool stream, bool wrong)
    {
        await using var host = await StartAsync(protocol, wrong ? "sim?wrong_arguments=1" : "sim");
        var reply = await host.ChatAsync(Body("Use get_weather for \"Oslo\"", stream));
        Assert.Equal("tool_calls", reply.Finish);
        await Poll.UntilAsync(() => Health(host).ToolAnswers == 1, "the answer is counted");
        Assert.Equal(wrong ? 1 : 0, Health(host).ToolErrors);
    }

    [Fact]
    public async Task AnswersWithoutCalls_AndRequestsWithoutTools_AreNotCounted()
    {
        await using var host = await StartAsync("openai-chat", "sim");
        Assert.Equal("stop", (await host.ChatAsync(Body("Repeat after me: hello", stream: true))).Finish);
        Assert.Equal("stop", (await host.ChatAsync(ChatClient.Body())).Finish);
        Assert.Equal("tool_calls", (await host.ChatAsync(Body("Use get_weather", stream: false))).Finish);
        await Poll.UntilAsync(() => Health(host).ToolAnswers > 0, "the one with a call is counted");
        Assert.Equal(1, Health(host).ToolAnswers);
    }

    [Fact]
    public async Task GatewaysOnOneDatabase_CountTogether()
    {
        using var database = new TestDatabase(DatabaseEngine.PostgreSql);
        await using var first = await StartAsync("openai-chat", "sim?wrong_arguments=1", database);
        await using var second = await StartAsync("openai-chat", "sim?wrong_arguments=1", database);
        Assert.Equal("tool_calls", (await first.ChatAsync(Body("Use get_weather", stream: true))).Finish);
        Assert.Equal("tool_calls", (await second.ChatAsync(Body("Use get_weather", stream: false))).Finish);
        await Poll.UntilAsync(() => Health(first) is { ToolAnswers: 2, ToolErrors: 2 } && Health(second) is { ToolAnswers: 2, ToolErrors: 2 }, "both know of both", 30_000);
    }

    private static Task<GatewayHost> StartAsync(string protocol, string upstream, TestDatabase? database = null)
    {
        var setup = new UpstreamSetup { Protocol = protocol, BaseUrl = protocol switch { "cohere" => "SIMULATOR/v2", "ollama" => "SIMULATOR", _ => null } };
        return GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, upstream), Database = database?.Address });
    }

    private static JsonObject Body(string text, bool stream)
    {
        var body = ChatClient.Body(text, stream);
        body["tools"] = JsonNode.Parse("""
            [{"type":"function","function":{"name":"get_weather","description":"Weather","parameters":
              {"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}]
            """);
        return body;
    }

    private static EndpointHealth Health(GatewayHost host)
    {
        var book = host.Services.GetRequiredService<HealthBook>();
        book.Refresh();
        return book.Monitors.Single().Current;
    }
}
