using System.Text.Json;
using System.Text.Unicode;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>Reads a whole answer of <c>/responses</c>.</summary>
internal static class ResponsesAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body, UpstreamTarget target)
    {
        // Bytes that are no text would go on to clients whose answer is this one, edited.
        using var document = Utf8.IsValid(body.Span) ? JsonReading.TryParse(body.Span) : null;
        if (document is null)
            return AnswerReading.Unusable("The provider's answer is not JSON.");
        var response = document.RootElement;
        if (response.Member("error"u8) is { } error)
            return new AnswerReading { Failure = ResponsesFailures.InBand(error) };
        if (response.Text("status"u8) is "queued" or "in_progress")
            return AnswerReading.Unusable("The provider answered before it was done.");
        if (response.Member("output"u8) is not { ValueKind: JsonValueKind.Array })
            return AnswerReading.Unusable("The provider's answer holds no output.");

        var events = new List<AnswerEvent>();
        var answer = new ResponsesAnswer(ResponsesReasoningFormat.Of(target)) { Events = events };
        answer.Start(response);
        answer.Finish(response);
        return AnswerFromEvents.Sum(events) with { ServedAtDefaultTier = response.Text("service_tier"u8) == "default" };
    }
}
