using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Gemini;

/// <summary>Gemini generateContent and streamGenerateContent, as AI Studio serves them.</summary>
internal sealed partial class GeminiContent(PromptCache cache, Signatures signatures) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options)
    {
        var key = request.Headers["x-goog-api-key"].ToString();
        if (key.Length == 0)
        {
            key = KeyInQuery().Match(request.QueryString.Value ?? "") is { Success: true } inQuery ? inQuery.Groups["key"].Value
                : request.Headers.Authorization.ToString() is { Length: > 7 } bearer ? bearer[7..]
                : "";
        }

        return key.Length == 0
            ? options.RequireKey ? GeminiErrors.NoKey() : null
            : Simulation.IsBadKey(key) ? GeminiErrors.WrongKey() : null;
    }

    public string? ModelName(string target, JsonElement body) => GeminiTarget.Parse(target)?.Model;

    public BodyReply UnreadableBody() => GeminiErrors.Invalid("Invalid JSON payload received. Unexpected token.");

    public BodyReply BadFault(string message) => GeminiErrors.Invalid(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => Listed(GeminiErrors.Failure(status, faults), GeminiTarget.Parse(call.Target)!);

    public Reply Answer(Incoming call)
    {
        var target = GeminiTarget.Parse(call.Target)!;
        var reader = new GeminiReader(call, signatures);
        var prompt = reader.Read();
        if (prompt is null)
        {
            return Listed(reader.Error!, target);
        }

        if (call.IsUnknownModel)
        {
            return Listed(GeminiErrors.UnknownModel(call.Model), target);
        }

        var tokens = cache.Read(prompt, "gemini", marked: false);
        if (tokens.All > call.Faults.ContextLength)
        {
            return Listed(
                GeminiErrors.Invalid(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The input token count ({tokens.All}) exceeds the maximum number of tokens allowed ({call.Faults.ContextLength}).")),
                target);
        }

        var answer = Model.Reply(prompt, call.Faults);
        var usage = TokenUsage.Of(tokens, answer, call.Faults);
        var failure = GeminiErrors.Body(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
        var writer = new GeminiWriter(call, reader, answer, usage, signatures, answer.Reasoning.Count > 0 || reader.SignsParts);
        if (target.Stream)
        {
            return new StreamReply(call.Faults.ErrorIn200 ? [new StreamEvent(null, failure, EventKind.Token)] : writer.Events(), target.Sse ? Framing.Sse : Framing.JsonArray)
            {
                ContentType = target.Sse ? "text/event-stream" : "application/json; charset=UTF-8",
                Failure = new StreamEvent(null, failure, EventKind.Closing),
            };
        }

        return new BodyReply(200, call.Faults.ErrorIn200 ? failure : writer.Whole())
        {
            ContentType = "application/json; charset=UTF-8",
            Tokens = (int)Math.Clamp(usage.Completion, 0, int.MaxValue),
        };
    }

    /// <summary>An error before a stream without alt=sse comes as an array of one.</summary>
    private static BodyReply Listed(BodyReply error, GeminiTarget target) =>
        target is { Stream: true, Sse: false } ? error with { Body = [(byte)'[', .. error.Body, (byte)']'] } : error;

    [GeneratedRegex("[?&]key=(?<key>[^&]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyInQuery();
}
