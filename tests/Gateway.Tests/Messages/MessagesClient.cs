using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Gateway.Tests.Messages;

/// <summary>Calls <c>/messages</c> as any HTTP client would, and puts a streamed message together as the vendor's clients do.</summary>
internal static class MessagesClient
{
    public static JsonObject Body(string text = "Repeat after me: hello", bool stream = false, string model = "acme/anthropic") => new()
    {
        ["model"] = model,
        ["max_tokens"] = 1000,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        ["stream"] = stream,
    };

    public static async Task<MessagesReply> MessageAsync(this GatewayHost host, JsonObject body, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/messages") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var response = await (client ?? host.Client).SendAsync(request);
        return new MessagesReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}

/// <summary>A reply read to its end.</summary>
internal sealed record MessagesReply(int Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public string GenerationId => Headers.GetValues("X-Generation-Id").Single();

    /// <summary>Name and data of each event.</summary>
    public IReadOnlyList<(string Name, JsonNode Data)> Events =>
    [
        .. Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => !block.StartsWith(':')).Select(block => block.Split('\n')).Select(lines =>
            (lines[0]["event: ".Length..], JsonNode.Parse(lines[1]["data: ".Length..])!)),
    ];

    public JsonNode? Error => ContentType == "text/event-stream" ? Events.LastOrDefault(e => e.Name == "error").Data?["error"] : JsonNode.Parse(Text)!["error"];

    /// <summary>The message: as it came, or put together from its events. Fails where the events are not in the order the vendor's clients need.</summary>
    public JsonNode Message => ContentType == "text/event-stream" ? Assemble() : JsonNode.Parse(Text)!;

    public string Content => string.Concat(Blocks("text").Select(block => (string?)block["text"]));

    public IEnumerable<JsonNode> Blocks(string type) => Message["content"]!.AsArray().Where(block => (string?)block!["type"] == type).Select(block => block!);

    private JsonObject Assemble()
    {
        var events = Events;
        Assert.Equal("message_start", events[0].Name);
        Assert.Equal(["message_delta", "message_stop"], events.TakeLast(2).Select(e => e.Name));
        var message = (JsonObject)events[0].Data["message"]!.DeepClone();
        var content = message["content"]!.AsArray();
        var arguments = new Dictionary<int, StringBuilder>();
        var open = new HashSet<int>();
        foreach (var (name, data) in events.Skip(1).SkipLast(2))
        {
            Assert.Equal(name, (string?)data["type"]);
            if (name == "ping")
                continue;
            var index = (int)data["index"]!;
            switch (name)
            {
                case "content_block_start":
                    Assert.Equal(content.Count, index);
                    Assert.True(open.Add(index));
                    content.Add(data["content_block"]!.DeepClone());
                    break;
                case "content_block_delta":
                    Grow(content[index]!.AsObject(), data["delta"]!, arguments, index);
                    break;
                default:
                    Assert.Equal("content_block_stop", name);
                    Assert.True(open.Remove(index));
                    break;
            }
        }

        Assert.Empty(open);
        foreach (var (index, text) in arguments)
            content[index]!["input"] = JsonNode.Parse(text.ToString());
        var (_, end) = events[^2];
        foreach (var (name, value) in end["delta"]!.AsObject())
            message[name] = value?.DeepClone();
        foreach (var (name, value) in end["usage"]!.AsObject())
            message["usage"]![name] = value?.DeepClone();
        return message;
    }

    private static void Grow(JsonObject block, JsonNode delta, Dictionary<int, StringBuilder> arguments, int index)
    {
        switch ((string?)delta["type"])
        {
            case "text_delta":
                block["text"] = (string?)block["text"] + (string?)delta["text"];
                break;
            case "thinking_delta":
                block["thinking"] = (string?)block["thinking"] + (string?)delta["thinking"];
                break;
            case "signature_delta":
                block["signature"] = (string?)block["signature"] + (string?)delta["signature"];
                break;
            case "input_json_delta":
                if (!arguments.TryGetValue(index, out var text))
                    arguments[index] = text = new StringBuilder();
                text.Append((string?)delta["partial_json"]);
                break;
            default:
                Assert.Fail("unknown delta " + delta.ToJsonString());
                break;
        }
    }
}
