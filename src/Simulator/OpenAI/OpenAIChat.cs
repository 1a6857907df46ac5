using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>OpenAI chat completions, as OpenAI and the hosts that copied it serve them.</summary>
internal sealed class OpenAIChat(PromptCache cache, TimeProvider time) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        var header = request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        return key.Length == 0
            ? options.RequireKey ? OpenAIErrors.NoKey() : null
            : Simulation.IsBadKey(key) ? OpenAIErrors.WrongKey(key) : null;
    }

    public string? ModelName(string target, JsonElement body) => body.Str("model");

    public BodyReply UnreadableBody() => OpenAIErrors.Make(
        400,
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
        + "The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)");

    public BodyReply BadFault(string message) => OpenAIErrors.Make(400, message, param: "model", code: "invalid_fault");

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => OpenAIErrors.Failure(status, faults);

    public Reply Answer(Incoming call)
    {
        var reader = new OpenAIReader(call);
        var prompt = reader.Read();
        if (call.IsUnknownModel)
        {
            return OpenAIErrors.UnknownModel(call.Model);
        }

        if (prompt is null)
        {
            return reader.Error!;
        }

        var tokens = cache.Read(prompt, "openai", marked: false);
        if (tokens.All > call.Faults.ContextLength)
        {
            return OpenAIErrors.Make(
                400,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This model's maximum context length is {call.Faults.ContextLength} tokens. However, your messages resulted in {tokens.All} tokens. Please reduce the length of the messages."),
                param: "messages",
                code: "context_length_exceeded");
        }

        var answer = Model.Reply(prompt, call.Faults);
        var usage = TokenUsage.Of(tokens, answer, call.Faults, reader.Choices);
        var headers = Headers(call, usage);
        var failure = OpenAIErrors.Body("The server had an error while processing your request. Sorry about that!", "server_error", null, null);
        if (call.Faults.ErrorIn200)
        {
            return reader.Stream
                ? Streamed([new StreamEvent(null, failure, EventKind.Token)], failure, headers)
                : new BodyReply(200, failure) { Headers = headers };
        }

        var writer = new OpenAIWriter(call, reader, answer, usage, time.GetUtcNow().ToUnixTimeSeconds());
        return reader.Stream
            ? Streamed(writer.Events(), failure, headers)
            : new BodyReply(200, writer.Whole()) { Headers = headers, Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue) };
    }

    private static StreamReply Streamed(IEnumerable<StreamEvent> events, byte[] failure, IReadOnlyList<(string, string)> headers) =>
        new(events, Framing.Sse)
        {
            ContentType = "text/event-stream; charset=utf-8",
            Headers = headers,
            Failure = new StreamEvent(null, failure, EventKind.Closing),
        };

    public static IReadOnlyList<(string, string)> Headers(Incoming call, TokenUsage usage) =>
    [
        ("x-request-id", "req_" + call.Stamp.Hex("request", 32)),
        ("openai-organization", "simulator"),
        ("openai-processing-ms", "12"),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-ratelimit-limit-tokens", "2000000"),
        ("x-ratelimit-remaining-tokens", Math.Max(0, 2_000_000 - Math.Min(2_000_000, usage.Prompt.All)).ToString(CultureInfo.InvariantCulture)),
        ("x-ratelimit-reset-tokens", "0s"),
    ];
}
