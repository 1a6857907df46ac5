using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using Fairlead.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Gateway.Tests.Operations;

/// <summary>Export over OTLP, where the standard variable asks for it.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task EndpointIsSet_MetricsAndSpansArriveThereAndHoldNoKeyAndNoPrompt()
    {
        var received = new ConcurrentQueue<string>();
        await using var collector = WebApplication.CreateSlimBuilder().Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{kind}", async (string kind, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue(kind + ":" + Encoding.Latin1.GetString(body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
        await collector.StartAsync();
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(),
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        await using (var server = await FairleadProcess.ServeAsync(folder.Data, environment))
        {
            using var client = server.Client(Some.Key());
            using var answer = await client.PostAsJsonAsync(
                "api/v1/chat/completions", new { model = "demo/chat", messages = new[] { new { role = "user", content = "An unmistakable prompt." } } });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            server.Terminate();
            Assert.Equal(0, await server.EndAsync());
        }

        Assert.Contains(received, text => Is(text, "metrics:", "fairlead.attempts"));
        Assert.Contains(received, text => Is(text, "traces:", "POST /api/v1/chat/completions"));
        Assert.All(received, text =>
        {
            Assert.DoesNotContain("sk-or-v1-", text, StringComparison.Ordinal);
            Assert.DoesNotContain("unmistakable", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task CollectorIsAway_ServingAndStoppingGoOn()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>
        {
            ["FAIRLEAD_BOOTSTRAP_KEY"] = Some.Key(), ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        await using var server = await FairleadProcess.ServeAsync(folder.Data, environment);
        using var client = server.Client(Some.Key());
        using var answer = await client.PostAsJsonAsync(
            "api/v1/chat/completions", new { model = "demo/chat", messages = new[] { new { role = "user", content = "Hello." } } });

        Assert.True(answer.IsSuccessStatusCode);
        server.Terminate();
        Assert.Equal(0, await server.EndAsync());
    }

    private static bool Is(string text, string kind, string holding) =>
        text.StartsWith(kind, StringComparison.Ordinal) && text.Contains(holding, StringComparison.Ordinal);
}
