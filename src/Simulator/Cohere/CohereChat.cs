using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Cohere;

/// <summary>Cohere's chat, version 2.</summary>
internal sealed class CohereChat(PromptCache cache) : ISimulatedDialect
{
    private const string ServerError = "internal server error, this has been reported to our developers.";

    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        var header = request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : "";
        return key.Length == 0
            ? options.RequireKey ? CohereErrors.Make(401, "no api key supplied") : null
            : Simulation.IsBadKey(key) ? CohereErrors.Make(401, "invalid api token") : null;
    }

    public string? ModelName(string target, JsonElement body) => body.Str("model");

    public BodyReply UnreadableBody() => CohereErrors.Invalid("the request body is not valid JSON.");

    public BodyReply BadFault(string message) => CohereErrors.Invalid(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => CohereErrors.Failure(status, faults);

    public Reply Answer(Incoming call)
    {
        var reader = new CohereReader(call);
        var prompt = reader.Read();
        if (prompt is null)
        {
            return reader.Error!;
        }

        if (call.IsUnknownModel)
        {
            return CohereErrors.UnknownModel(call.Model);
        }

        if (call.Faults.Filter)
        {
            return CohereErrors.Failure(498, call.Faults);
        }

        var tokens = cache.Read(prompt, "cohere", marked: false);
        if (tokens.All > call.Faults.ContextLength)
        {
            return CohereErrors.Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"too many tokens: total number of tokens in the prompt cannot exceed {call.Faults.ContextLength} - received {tokens.All}. Try using a shorter prompt."));
        }

        var answer = WithPlan(Model.Reply(prompt, call.Faults), prompt);
        var usage = TokenUsage.Of(tokens, answer, call.Faults);
        var writer = new CohereWriter(call, prompt, answer, usage);
        var failure = CohereWriter.Failed(ServerError);
        if (call.Faults.ErrorIn200)
        {
            return reader.Stream ? Streamed([failure with { Kind = EventKind.Token }], failure) : new BodyReply(200, CohereErrors.Body(ServerError));
        }

        return reader.Stream
            ? Streamed(writer.Events(), failure)
            : new BodyReply(200, writer.Whole()) { Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue) };
    }

    /// <summary>A model that does not think says what it will do with its calls, where the limit leaves room for that.</summary>
    private static Answer WithPlan(Answer answer, Prompt prompt)
    {
        if (answer.Ending != Ending.ToolCalls || prompt.Reasons)
        {
            return answer;
        }

        var plan = Pieces.Of($"I will use {string.Join(" and ", answer.Calls.Select(c => c.Name))}.");
        var said = answer.Calls.Sum(c => 3 + c.Arguments.Count) + plan.Count;
        return said > (prompt.MaxTokens ?? int.MaxValue) ? answer : answer with { Reasoning = plan };
    }

    private static StreamReply Streamed(IEnumerable<StreamEvent> events, StreamEvent failure) =>
        new(events, Framing.Sse) { ContentType = "text/event-stream", Failure = failure };
}
