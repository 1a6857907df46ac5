using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Ollama;

/// <summary>Reads a whole answer of <c>/api/chat</c>.</summary>
internal static class OllamaAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonReading.TryParse(body.Span);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return Failed("The provider's answer is not a JSON object.", body);
        var answer = document.RootElement;
        if (answer.Member("error"u8) is not null)
            return new AnswerReading { Failure = FailureClassifier.ClassifyInBand(body.Span) with { Status = 200 } };
        var events = new List<AnswerEvent>();
        var reader = new OllamaAnswer(events);
        reader.Read(answer);
        return reader.Finished ? AnswerFromEvents.Sum(events) : Failed("The provider's answer is not complete.", body);
    }

    private static AnswerReading Failed(string why, ReadOnlyMemory<byte> body) => new() { Failure = FailureClassifier.Unreadable(why, body.Span) with { Status = 200 } };
}
