using System.Text.Json.Nodes;
using Fairlead.Gateway.Tests.Inference;

namespace Fairlead.Gateway.Tests.Plugins;

/// <summary>Services of plugins that are down, slow or unreadable: one gateway, whose search and moderation are asked in turn.</summary>
public sealed class ServiceFailureTests
{
    private static readonly (int Status, string Answer, TimeSpan Takes, string Reason)[] Failures =
    [
        (500, "{}", TimeSpan.Zero, "answered 500"),
        (200, "<html>", TimeSpan.Zero, "could not be read"),
        (200, """{"results":7}""", TimeSpan.Zero, "could not be read"),
        (200, "[]", TimeSpan.Zero, "could not be read"),
        (200, "{}", TimeSpan.FromSeconds(30), "within 1 s"),
    ];

    private static JsonObject Body(string? plugin)
    {
        var body = ChatClient.Body("Repeat after me: hello");
        if (plugin is not null)
            body["plugins"] = new JsonArray(new JsonObject { ["id"] = plugin });
        return body;
    }

    [Fact]
    public async Task AServiceThatFails_EndsWhatAskedForIt_InWords_AndStopsNobodyElse()
    {
        await using var service = await FakeService.StartAsync();
        JsonObject At(string path) => new() { ["base_url"] = service.Address + path, ["api_key"] = "key", ["timeout_s"] = 1 };
        var setup = new UpstreamSetup
        {
            Moderated = [1],
            Inference = new JsonObject { ["web_search"] = new JsonObject { ["exa"] = At("") }, ["moderation"] = new JsonObject { ["service"] = At("/v1") } },
        };
        await using var host = await GatewayHost.StartAsync(new() { Config = UpstreamConfig.Of(setup, "sim") });
        foreach (var (status, answer, takes, reason) in Failures)
        {
            (service.Answer, service.Takes) = (_ => (status, answer), takes);
            foreach (var refused in await Task.WhenAll(host.ChatAsync(Body("web")), host.ChatAsync(Body("moderation"))))
            {
                Assert.Equal(502, refused.Status);
                Assert.Contains(reason, (string)refused.Json["error"]!["message"]!, StringComparison.Ordinal);
                Assert.DoesNotContain(service.Address, refused.Text, StringComparison.Ordinal);
            }
        }

        Assert.Empty(host.Simulator!.Requests);
        Assert.Equal(0, await host.SpentAsync());

        // The endpoint must be moderated, but who did not ask for it is not stopped by a service that is down.
        (service.Answer, service.Takes) = (_ => (200, """{"results":[]}"""), TimeSpan.Zero);
        Assert.Equal(502, (await host.ChatAsync(Body("moderation"))).Status);
        Assert.Equal("hello", (await host.ChatAsync(Body(null))).Content);
    }
}
