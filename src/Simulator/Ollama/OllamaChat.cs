using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Ollama;

/// <summary>Ollama's own chat: a line of JSON per piece, and a stream unless the request says otherwise.</summary>
internal sealed class OllamaChat(PromptCache cache, TimeProvider time) : ISimulatedDialect
{
    private const string RunnerError = "an error was encountered while running the model: CUDA error";

    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options) =>
        // A server of one's own asks for none; a proxy in front of it may refuse one.
        request.Headers.Authorization.ToString() is { Length: > 7 } header && Simulation.IsBadKey(header[7..].Trim()) ? OllamaErrors.Make(401, "unauthorized") : null;

    public string? ModelName(string target, JsonElement body) => body.Str("model");

    public BodyReply UnreadableBody() => OllamaErrors.Make(400, "invalid character looking for beginning of value");

    public BodyReply BadFault(string message) => OllamaErrors.Make(400, message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => OllamaErrors.Failure(status, faults);

    public Reply Answer(Incoming call)
    {
        var reader = new OllamaReader(call);
        var prompt = reader.Read();
        if (prompt is null)
        {
            return reader.Error!;
        }

        if (call.IsUnknownModel)
        {
            return OllamaErrors.UnknownModel(call.Model);
        }

        var tokens = cache.Read(prompt, "ollama", marked: false);
        if (tokens.All > Math.Min(call.Faults.ContextLength, reader.Window) && !reader.Truncates)
        {
            return OllamaErrors.Make(400, "the input length exceeds the context length");
        }

        var answer = Model.Reply(prompt, call.Faults);
        var usage = TokenUsage.Of(tokens, answer, call.Faults);
        var writer = new OllamaWriter(call, answer, usage, time.GetUtcNow());
        var failure = new StreamEvent(null, OllamaErrors.Body(RunnerError), EventKind.Closing);
        if (call.Faults.ErrorIn200)
        {
            return reader.Stream ? Streamed([failure with { Kind = EventKind.Token }], failure) : new BodyReply(200, failure.Data);
        }

        return reader.Stream
            ? Streamed(writer.Events(), failure)
            : new BodyReply(200, writer.Whole()) { Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue) };
    }

    private static StreamReply Streamed(IEnumerable<StreamEvent> events, StreamEvent failure) =>
        new(events, Framing.JsonLines) { ContentType = "application/x-ndjson", Failure = failure };
}
