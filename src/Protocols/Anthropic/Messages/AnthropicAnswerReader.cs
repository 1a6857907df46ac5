using System.Text.Json;
using System.Text.Unicode;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Reads a whole answer of <c>POST /messages</c>.</summary>
internal static class AnthropicAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body)
    {
        // Bytes that are no text would go on to clients whose answer is this one, edited.
        using var document = Utf8.IsValid(body.Span) ? JsonReading.TryParse(body.Span) : null;
        if (document is null)
            return AnswerReading.Unusable("The provider's answer is not JSON.");
        var message = document.RootElement;
        if (message.Text("type"u8) == "error" || message.Member("error"u8) is not null)
            return new AnswerReading { Failure = AnthropicFailures.FromBody(200, message, body.Span) };
        if (message.Member("content"u8) is not { ValueKind: JsonValueKind.Array } content)
            return AnswerReading.Unusable("The provider's answer holds no content.");

        var events = new List<AnswerEvent>();
        var answer = new AnthropicAnswer(events);
        answer.Start(message);
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            answer.OpenBlock(index, block);
            answer.CloseBlock(index++);
        }
        answer.Finish(message.Text("stop_reason"u8), message.Member("stop_details"u8));
        answer.ReportUsage();
        return AnswerFromEvents.Sum(events);
    }
}
