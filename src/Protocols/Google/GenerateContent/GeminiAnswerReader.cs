using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Reads a whole answer of <c>generateContent</c>.</summary>
internal static class GeminiAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonReading.TryParse(body.Span);
        if (document is null)
            return AnswerReading.Unusable("The provider's answer is not JSON.");
        var response = document.RootElement;
        if (GeminiFailures.InBand(response, body.Span) is { } failure)
            return new AnswerReading { Failure = failure };
        if (response.ValueKind != JsonValueKind.Object || (response.Member("candidates"u8) is null && response.Member("promptFeedback"u8) is null))
            return AnswerReading.Unusable("The provider's answer holds no candidate.");

        var events = new List<AnswerEvent>();
        var answer = new GeminiAnswer(events);
        answer.Read(response);
        if (!answer.End())
            return AnswerReading.Unusable("The provider's answer has no finish reason.");
        var reading = AnswerFromEvents.Sum(events);
        // Seen on generation 2.5: a clean stop with nothing said. Another endpoint does better.
        return reading is { Empty: true, Finish: FinishReason.Stop } ? AnswerReading.Unusable("The provider's answer is empty.") : reading;
    }
}
