using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Inference;

/// <summary>Calls <c>/chat/completions</c> as any HTTP client would, and reads what comes back.</summary>
internal static class ChatClient
{
    public static JsonObject Body(string text = "Repeat after me: hello", bool stream = false, string model = UpstreamConfig.Model) => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        ["stream"] = stream,
        ["provider"] = new JsonObject { ["sort"] = "price" },
    };

    public static async Task<ChatReply> ChatAsync(this GatewayHost host, JsonObject? body = null)
    {
        using var response = await host.Client.SendAsync(Request(body ?? Body()));
        var text = await response.Content.ReadAsStringAsync();
        return new ChatReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>Sends a streamed request and returns once headers are there.</summary>
    public static Task<HttpResponseMessage> OpenStreamAsync(this GatewayHost host, JsonObject body, CancellationToken cancellation = default) =>
        host.Client.SendAsync(Request(body), HttpCompletionOption.ResponseHeadersRead, cancellation);

    public static HttpRequestMessage Request(JsonObject body) =>
        new(HttpMethod.Post, "api/v1/chat/completions") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };

    /// <summary>The record of an answer, once it is there.</summary>
    public static async Task<JsonNode> GenerationAsync(this GatewayHost host, string id)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            using var response = await host.Client.GetAsync("api/v1/generation?id=" + id);
            if (response.IsSuccessStatusCode)
                return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"no record of {id}: {(int)response.StatusCode}");
            await Poll.BrieflyAsync();
        }
    }

    /// <summary>What the account has spent, in dollars.</summary>
    public static async Task<decimal> SpentAsync(this GatewayHost host)
    {
        using var client = host.NewClient(host.ProvisioningKey);
        var credits = JsonNode.Parse(await client.GetStringAsync("api/v1/credits"))!["data"]!;
        return (decimal)credits["total_usage"]!;
    }
}

/// <summary>A reply read to its end.</summary>
internal sealed record ChatReply(int Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public string GenerationId => Headers.GetValues("X-Generation-Id").Single();

    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? ErrorType => (string?)Json["error"]?["metadata"]?["error_type"];

    /// <summary>The data events of a stream, <c>[DONE]</c> left out.</summary>
    public IReadOnlyList<JsonNode> Events => [.. Data.Where(data => data != "[DONE]").Select(data => JsonNode.Parse(data)!)];

    public bool Done => Data.LastOrDefault() == "[DONE]";

    public int Comments => Text.Split('\n').Count(line => line.StartsWith(':'));

    public string Content => ContentType == "text/event-stream"
        ? string.Concat(Events.SelectMany(e => e["choices"]!.AsArray()).Select(choice => (string?)choice!["delta"]?["content"]))
        : (string?)Json["choices"]![0]!["message"]!["content"] ?? "";

    public string? Finish => ContentType == "text/event-stream"
        ? Events.SelectMany(e => e["choices"]!.AsArray()).Select(choice => (string?)choice!["finish_reason"]).LastOrDefault(reason => reason is not null)
        : (string?)Json["choices"]![0]!["finish_reason"];

    public JsonNode? Usage => ContentType == "text/event-stream" ? Events.Select(e => e["usage"]).LastOrDefault(usage => usage is not null) : Json["usage"];

    public decimal Cost => (decimal)Usage!["cost"]!;

    private IEnumerable<string> Data => Text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..].TrimEnd('\r'));
}
