using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.OpenAI;

/// <summary>OpenAI's Responses without a store: every request carries the whole conversation.</summary>
internal sealed class OpenAIResponses(OpenAIChat chat, PromptCache cache, Signatures signatures, TimeProvider time) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options) => chat.CheckKey(request, options);

    public string? ModelName(string target, JsonElement body) => chat.ModelName(target, body);

    public BodyReply UnreadableBody() => chat.UnreadableBody();

    public BodyReply BadFault(string message) => chat.BadFault(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => chat.Failure(status, faults, call);

    public Reply Answer(Incoming call)
    {
        var reader = new ResponsesReader(call, signatures);
        var prompt = reader.Read();
        if (call.IsUnknownModel)
        {
            return OpenAIErrors.UnknownModel(call.Model);
        }

        if (prompt is null)
        {
            return reader.Error!;
        }

        var tokens = cache.Read(prompt, "responses", marked: false);
        if (tokens.All > call.Faults.ContextLength)
        {
            return OpenAIErrors.Make(
                400,
                "Your input exceeds the context window of this model. Please adjust your input and try again.",
                param: "input",
                code: "context_length_exceeded");
        }

        var answer = Model.Reply(prompt, call.Faults);
        var usage = TokenUsage.Of(tokens, answer, call.Faults);
        var headers = OpenAIChat.Headers(call, usage);
        var writer = new ResponsesWriter(call, reader, answer, usage, signatures, time.GetUtcNow().ToUnixTimeSeconds());
        if (!reader.Stream)
        {
            return new BodyReply(200, call.Faults.ErrorIn200 ? writer.Failed() : writer.Whole())
            {
                Headers = headers,
                Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue),
            };
        }

        var failure = writer.FailedEvent();
        return new StreamReply(call.Faults.ErrorIn200 ? [failure with { Kind = EventKind.Token }] : writer.Events(), Framing.Sse)
        {
            ContentType = "text/event-stream; charset=utf-8",
            Headers = headers,
            Failure = failure,
        };
    }

    /// <summary>An error of a value that is too small or too large, worded as the API words it.</summary>
    public static string OutOfRange(string name, string kind, bool below, decimal bound, decimal value) => string.Create(
        CultureInfo.InvariantCulture,
        $"Invalid '{name}': {kind} {(below ? "below minimum" : "above maximum")} value. Expected a value {(below ? ">=" : "<=")} {bound}, but got {value} instead.");
}
