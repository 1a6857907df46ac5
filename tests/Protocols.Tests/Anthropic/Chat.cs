using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Tests.Anthropic;

/// <summary>Conversations and requests for writer tests, without a client dialect in between.</summary>
internal static class Chat
{
    public static Message Instructions(string text) => new() { Role = Role.System, Parts = [new TextPart(text)] };

    public static Message User(params Part[] parts) => new() { Role = Role.User, Parts = parts };

    public static Message User(string text) => User(new TextPart(text));

    public static Message Assistant(string? text, params ToolCall[] calls) =>
        new() { Role = Role.Assistant, Parts = text is null ? [] : [new TextPart(text)], ToolCalls = calls };

    public static Message Result(string callId, string text) => new() { Role = Role.Tool, ToolCallId = callId, Parts = [new TextPart(text)] };

    public static ToolDefinition Tool(string name, string? parameters = null, bool? strict = null) =>
        new(name, null, parameters is null ? null : Parsed(parameters), strict);

    public static JsonElement Parsed(string json) => JsonDocument.Parse(json).RootElement;

    public static CanonicalRequest Request(params Message[] messages) => With(new Conversation { Messages = messages });

    public static CanonicalRequest With(Conversation conversation) => new()
    {
        Dialect = ClientDialect.ChatCompletions,
        Body = "{}"u8.ToArray(),
        ReadConversation = _ => conversation,
    };

    public static UpstreamTarget Target(UpstreamProtocol protocol, string model, ParameterSet supported = (ParameterSet)ulong.MaxValue) => new()
    {
        Protocol = protocol,
        Provider = protocol == UpstreamProtocol.Gemini ? "google-ai-studio" : "anthropic",
        Model = model,
        Slug = model,
        Supported = supported,
    };

    public static JsonObject Written(this IUpstreamDialect dialect, CanonicalRequest request, UpstreamTarget target, UpstreamCall call = default)
    {
        var output = new ArrayBufferWriter<byte>();
        var error = dialect.WriteRequest(request, target, call, output);
        Assert.Null(error);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    public static GatewayError Refused(this IUpstreamDialect dialect, CanonicalRequest request, UpstreamTarget target, UpstreamCall call = default)
    {
        var error = dialect.WriteRequest(request, target, call, new ArrayBufferWriter<byte>());
        Assert.NotNull(error);
        return error;
    }

    public static void Same(string expected, JsonNode? actual)
    {
        var wanted = JsonNode.Parse(expected);
        Assert.True(JsonNode.DeepEquals(wanted, actual), $"expected {wanted?.ToJsonString()}\nactual   {actual?.ToJsonString()}");
    }

    /// <summary>Reads a stream given as one data payload per line.</summary>
    public static (List<AnswerEvent> Events, bool Finished, StreamStep Last) Stream(this IUpstreamDialect dialect, UpstreamTarget target, params string[] payloads)
    {
        var reader = dialect.CreateEventReader(target);
        var events = new List<AnswerEvent>();
        var step = StreamStep.Continue;
        foreach (var payload in payloads)
        {
            step = reader.Read(default, Encoding.UTF8.GetBytes(payload), events);
            if (step != StreamStep.Continue)
                break;
        }
        return (events, reader.Complete(events), step);
    }

    public static string TextOf(IEnumerable<AnswerEvent> events) => string.Concat(events.OfType<TextDelta>().Select(e => e.Text));

    public static string ReasoningOf(IEnumerable<AnswerEvent> events) => string.Concat(events.OfType<ReasoningDelta>().Select(e => e.Detail.Text));

    /// <summary>Calls as <c>index id name arguments</c>.</summary>
    public static List<string> CallsOf(IEnumerable<AnswerEvent> events)
    {
        var all = events.ToList();
        return [.. all.OfType<ToolCallStarted>().Select(call =>
            $"{call.Index} {call.Id} {call.Name} {string.Concat(all.OfType<ToolCallArguments>().Where(a => a.Index == call.Index).Select(a => a.Fragment))}")];
    }

    public static AnswerFinished FinishOf(IEnumerable<AnswerEvent> events) => Assert.Single(events.OfType<AnswerFinished>());

    public static Usage UsageOf(IEnumerable<AnswerEvent> events) => events.OfType<UsageReported>().Last().Usage;
}
