using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Anthropic.Messages.Client;
using Fairlead.Protocols.OpenAI.Responses.Client;

namespace Fairlead.Protocols.Tests.Recordings;

/// <summary>Recorded streams of live providers give clients of messages and of responses the same text and calls as chat clients, whatever the provider.</summary>
public sealed class OtherClientsTests
{
    private static readonly MessagesDialect Messages = new(3);
    private static readonly ResponsesClientDialect Responses = new(3);

    public static TheoryData<string> Streams => new(Recording.All(RecordingKind.Stream));

    public static TheoryData<string> AnthropicStreams => new(Recording.All(RecordingKind.Stream).Where(path => RecordedUpstream.Of(Recording.Open(path).Provider).Dialect is AnthropicMessagesDialect));

    [Theory]
    [MemberData(nameof(Streams))]
    public void TheSameTextAndCalls(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        foreach (var reply in recording.Replies)
        {
            var bytes = upstream.Frame(reply, "\n").SelectMany(frame => frame).ToArray();
            var (text, calls) = OfChat(StreamReplay.PlayThroughEvents(upstream, bytes));
            var messages = OfMessages(StreamReplay.PlayTo(Messages, upstream, bytes));
            Assert.Equal(text, messages.Text);
            Assert.Equal(calls, messages.Calls);
            var responses = OfResponses(StreamReplay.PlayTo(Responses, upstream, bytes));
            Assert.Equal(text, responses.Text);
            Assert.Equal(calls, responses.Calls);
        }
    }

    [Theory]
    [MemberData(nameof(AnthropicStreams))]
    public void Forwarded_EveryBlockOfTheProviderIsThere(string path)
    {
        var recording = Recording.Open(path);
        var upstream = RecordedUpstream.Of(recording.Provider);
        foreach (var reply in recording.Replies)
        {
            var bytes = upstream.Frame(reply, "\n").SelectMany(frame => frame).ToArray();
            var passed = Events(StreamReplay.PlayTo(Messages, upstream, bytes, forwarded: true)).ToList();
            var sent = Events(Encoding.UTF8.GetString(bytes)).ToList();
            Assert.Equal(Blocks(sent), Blocks(passed));
            Assert.Equal("message_start", (string?)passed[0]["type"]);
            Assert.Equal(["message_delta", "message_stop"], passed.TakeLast(2).Select(e => (string?)e["type"]));
            // A turn that only goes on with calls already decided says its end in its first event.
            if (sent.LastOrDefault(e => (string?)e["type"] == "message_delta") is not { } last)
                continue;
            foreach (var (name, value) in last["delta"]!.AsObject())
                Assert.Equal(value?.ToJsonString(), passed[^2]["delta"]![name]?.ToJsonString());
            foreach (var (name, value) in last["usage"]!.AsObject())
                Assert.Equal(value?.ToJsonString(), passed[^2]["usage"]![name]?.ToJsonString());
        }

        static IEnumerable<string> Blocks(IEnumerable<JsonNode> events) =>
            events.Where(e => ((string?)e["type"])!.StartsWith("content_block", StringComparison.Ordinal)).Select(e => e.ToJsonString());
    }

    private static IEnumerable<JsonNode> Events(string stream) =>
        stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line["data: ".Length..])!);

    private static (string Text, List<string> Calls) OfChat(string stream)
    {
        var text = new StringBuilder();
        var calls = new SortedDictionary<int, string>();
        foreach (var delta in Events(stream).SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => choice!["delta"]!))
        {
            text.Append((string?)delta["content"]).Append((string?)delta["refusal"]);
            foreach (var call in delta["tool_calls"]?.AsArray() ?? [])
            {
                var function = call!["function"]!;
                calls[(int)call["index"]!] = calls.GetValueOrDefault((int)call["index"]!) + ((string?)function["name"] is { } name ? name + " " : "") + (string?)function["arguments"];
            }
        }

        return (text.ToString(), [.. calls.Values]);
    }

    private static (string Text, List<string> Calls) OfMessages(string stream)
    {
        var text = new StringBuilder();
        var calls = new SortedDictionary<int, string>();
        var open = new HashSet<int>();
        foreach (var e in Events(stream))
        {
            switch ((string?)e["type"])
            {
                case "content_block_start":
                    Assert.True(open.Add((int)e["index"]!));
                    if ((string?)e["content_block"]!["type"] == "tool_use")
                        calls[(int)e["index"]!] = (string?)e["content_block"]!["name"] + " ";
                    break;
                case "content_block_delta":
                    text.Append((string?)e["delta"]!["text"]);
                    if (e["delta"]!["partial_json"] is { } piece)
                        calls[(int)e["index"]!] += (string?)piece;
                    break;
                case "content_block_stop":
                    Assert.True(open.Remove((int)e["index"]!));
                    break;
            }
        }

        Assert.Empty(open);
        return (text.ToString(), [.. calls.Values]);
    }

    private static (string Text, List<string> Calls) OfResponses(string stream)
    {
        var events = Events(stream).ToList();
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e["sequence_number"]!));
        var output = events[^1]["response"]!["output"]!.AsArray().Select(item => item!).ToList();
        var parts = output.Where(item => (string?)item["type"] == "message").SelectMany(item => item["content"]!.AsArray());
        var calls = output.Where(item => (string?)item["type"] == "function_call").Select(item => $"{item["name"]} {item["arguments"]}");
        return (string.Concat(parts.Select(part => (string?)part!["text"] + (string?)part["refusal"])), [.. calls]);
    }
}
