using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Anthropic;

/// <summary>Anthropic Messages.</summary>
internal sealed class AnthropicMessages(PromptCache cache, Signatures signatures, TimeProvider time) : ISimulatedDialect
{
    private const long LargestBody = 32L << 20;

    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        var key = request.Headers["x-api-key"].ToString();
        if (key.Length == 0 && request.Headers.Authorization.ToString() is { Length: > 7 } bearer && bearer.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            key = bearer[7..].Trim();
        }

        return key.Length == 0
            ? options.RequireKey ? AnthropicErrors.Make(401, "authentication_error", "x-api-key header is required") : null
            : Simulation.IsBadKey(key) ? AnthropicErrors.Make(401, "authentication_error", "invalid x-api-key") : null;
    }

    public string? ModelName(string target, JsonElement body) => body.Str("model");

    public BodyReply UnreadableBody() => AnthropicErrors.Invalid("The request body is not valid JSON");

    public BodyReply BadFault(string message) => AnthropicErrors.Invalid(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => AnthropicErrors.Failure(status, faults, time.GetUtcNow());

    public Reply Answer(Incoming call)
    {
        if (call.Http.Headers["anthropic-version"].Count == 0)
        {
            return AnthropicErrors.Invalid("anthropic-version: header is required");
        }

        return Serve(call);
    }

    /// <summary>Answers a request whose headers are good; clouds that serve the format have others.</summary>
    public Reply Serve(Incoming call)
    {
        if (call.Http.ContentLength > LargestBody)
        {
            return AnthropicErrors.Make(413, "request_too_large", "Request exceeds the maximum size");
        }

        var reader = new AnthropicReader(call, signatures);
        var prompt = reader.Read();
        if (prompt is null)
        {
            return reader.Error!;
        }

        if (call.IsUnknownModel)
        {
            return AnthropicErrors.Make(404, "not_found_error", $"model: {call.Model}");
        }

        var tokens = cache.Read(prompt, "anthropic", marked: true);
        if (tokens.All > call.Faults.ContextLength)
        {
            return AnthropicErrors.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"prompt is too long: {tokens.All} tokens > {call.Faults.ContextLength} maximum"));
        }

        var answer = Model.Reply(prompt, call.Faults);
        var usage = TokenUsage.Of(tokens, answer, call.Faults);
        IReadOnlyList<(string, string)> headers =
        [
            ("request-id", "req_011C" + call.Stamp.Letters("request", 20)),
            ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
            .. AnthropicErrors.RateLimits(time.GetUtcNow().AddSeconds(1), remaining: 49),
        ];
        var failure = AnthropicErrors.Body("overloaded_error", "Overloaded");
        if (call.Faults.ErrorIn200)
        {
            return reader.Stream
                ? Streamed([new StreamEvent("error", failure, EventKind.Token)], failure, headers)
                : new BodyReply(200, failure) { Headers = headers };
        }

        var writer = new AnthropicWriter(call, reader, answer, usage, signatures);
        return reader.Stream
            ? Streamed(writer.Events(), failure, headers)
            : new BodyReply(200, writer.Whole()) { Headers = headers, Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue) };
    }

    private static StreamReply Streamed(IEnumerable<StreamEvent> events, byte[] failure, IReadOnlyList<(string, string)> headers) =>
        new(events, Framing.Sse)
        {
            ContentType = "text/event-stream; charset=utf-8",
            Headers = headers,
            Failure = new StreamEvent("error", failure, EventKind.Closing),
        };
}
