using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Reads a whole answer of <c>/v2/chat</c>.</summary>
internal static class CohereAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonReading.TryParse(body.Span);
        if (document is null)
            return new AnswerReading { Failure = CohereFailures.Unreadable("The provider's answer is not JSON.") };
        var response = document.RootElement;
        if (CohereFailures.InBand(response, body.Span) is { } failure)
            return new AnswerReading { Failure = failure };
        if (response.Member("message"u8) is not { ValueKind: JsonValueKind.Object } message)
            return new AnswerReading { Failure = CohereFailures.Unreadable("The provider's answer holds no message.") };
        if (response.Text("finish_reason"u8) is not { } reason)
            return new AnswerReading { Failure = CohereFailures.Unreadable("The provider's answer has no finish reason.") };

        var events = new List<AnswerEvent>();
        var answer = new CohereAnswer(events);
        answer.Start(response.Text("id"u8));
        answer.AddPlan(message.Text("tool_plan"u8));
        foreach (var content in message.Items("content"u8))
            answer.AddContent(content);
        var index = 0;
        foreach (var call in message.Items("tool_calls"u8))
            answer.OpenCall(index++, call);
        foreach (var citation in message.Items("citations"u8))
            answer.Cite(citation);
        answer.Finish(reason, response.Member("usage"u8), null);
        return AnswerFromEvents.Sum(events);
    }
}
