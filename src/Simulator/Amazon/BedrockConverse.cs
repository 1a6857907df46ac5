using System.Globalization;
using System.Text.Json;
using Fairlead.Simulator.Conversation;
using Fairlead.Simulator.Faults;
using Fairlead.Simulator.Replies;

namespace Fairlead.Simulator.Amazon;

/// <summary>Bedrock's Converse and ConverseStream.</summary>
internal sealed class BedrockConverse(PromptCache cache) : ISimulatedDialect
{
    public BodyReply? CheckKey(HttpRequest request, SimulatorOptions options) => AwsKeys.Check(request, options);

    public string? ModelName(string target, JsonElement body) => CloudTarget.Parse(target)?.Model;

    public BodyReply UnreadableBody() => BedrockErrors.Make(400, "SerializationException", "The request body is not valid JSON.");

    public BodyReply BadFault(string message) => BedrockErrors.Invalid(message);

    public BodyReply Failure(int status, FaultPlan faults, Incoming call) => BedrockErrors.Failure(status, faults);

    public Reply Answer(Incoming call)
    {
        var reader = new ConverseReader(call);
        var prompt = reader.Read();
        if (prompt is null)
        {
            return reader.Error!;
        }

        if (call.IsUnknownModel)
        {
            return BedrockErrors.Make(400, "ValidationException", "The provided model identifier is invalid.");
        }

        var tokens = cache.Read(prompt, "converse", marked: true);
        if (tokens.All > call.Faults.ContextLength)
        {
            return BedrockErrors.Invalid(string.Create(CultureInfo.InvariantCulture, $"Input is too long for requested model: {tokens.All} tokens."));
        }

        var answer = Model.Reply(prompt, call.Faults);
        var writer = new ConverseWriter(call, answer, TokenUsage.Of(tokens, answer, call.Faults));
        if (!CloudTarget.Parse(call.Target)!.Stream)
        {
            return new BodyReply(200, call.Faults.ErrorIn200 ? JsonBytes.Object(w =>
            {
                w.WriteString("__type", "ServiceUnavailableException");
                w.WriteString("message", "Bedrock is unable to process your request.");
            }) : writer.Whole())
            { Tokens = writer.Tokens };
        }

        var failure = new StreamEvent("!serviceUnavailableException", BedrockErrors.Body("Bedrock is unable to process your request."), EventKind.Closing);
        return new StreamReply(call.Faults.ErrorIn200 ? [failure with { Kind = EventKind.Token }] : writer.Events(), Framing.AwsEventStream)
        {
            ContentType = "application/vnd.amazon.eventstream",
            Headers = [("x-amzn-requestid", call.Stamp.Hex("request", 32))],
            Failure = failure,
        };
    }
}
