using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Responses;

/// <summary>Calls <c>/responses</c> as any HTTP client would, and checks the order of a stream's events.</summary>
internal static class ResponsesCaller
{
    public static JsonObject Body(JsonNode input, bool stream = false, string model = "acme/openai") => new() { ["model"] = model, ["input"] = input, ["stream"] = stream };

    public static async Task<ResponsesReply> RespondAsync(this GatewayHost host, JsonObject body, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/responses") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var response = await (client ?? host.Client).SendAsync(request);
        return new ResponsesReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>A reply read to its end.</summary>
internal sealed record ResponsesReply(int Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public string GenerationId => Headers.GetValues("X-Generation-Id").Single();

    private IEnumerable<string> Data => Text.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line["data: ".Length..]);

    public bool Done => Data.LastOrDefault() == "[DONE]";

    public IReadOnlyList<JsonNode> Events => [.. Data.Where(data => data != "[DONE]").Select(data => JsonNode.Parse(data)!)];

    public IReadOnlyList<string> Types => [.. Events.Select(e => (string)e["type"]!)];

    /// <summary>The response object: as it came, or the last of a stream, whose events must add up to it.</summary>
    public JsonNode Response => ContentType == "text/event-stream" ? Assembled() : JsonNode.Parse(Text)!;

    public string Content => string.Concat(Items("message").SelectMany(item => item["content"]!.AsArray()).Select(part => (string?)part!["text"]));

    public IEnumerable<JsonNode> Items(string type) => Response["output"]!.AsArray().Where(item => (string?)item!["type"] == type).Select(item => item!);

    private JsonNode Assembled()
    {
        var events = Events;
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e["sequence_number"]!));
        Assert.Equal(["response.created", "response.in_progress"], Types.Take(2));
        Assert.True(Done);
        var last = events[^1]["response"]!;
        var done = events.Where(e => (string?)e["type"] == "response.output_item.done").OrderBy(e => (int)e["output_index"]!).Select(e => e["item"]!.ToJsonString());
        if ((string?)events[^1]["type"] == "response.completed")
            Assert.Equal(last["output"]!.AsArray().Select(item => item!.ToJsonString()), done);
        foreach (var (delta, whole, member) in new[] { ("response.output_text.delta", "response.output_text.done", "text"), ("response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments"), ("response.reasoning_text.delta", "response.reasoning_text.done", "text") })
        {
            foreach (var end in events.Where(e => (string?)e["type"] == whole))
            {
                var pieces = events.Where(e => (string?)e["type"] == delta && (string?)e["item_id"] == (string?)end["item_id"]).Select(e => (string?)e["delta"]);
                Assert.Equal((string?)end[member], string.Concat(pieces));
            }
        }

        return last;
    }
}
