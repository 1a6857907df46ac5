using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Reads a whole answer of Converse.</summary>
internal static class ConverseAnswerReader
{
    public static AnswerReading Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonReading.TryParse(body.Span);
        if (document is null)
            return AnswerReading.Unusable("The provider's answer is not JSON.");
        var root = document.RootElement;
        if (root.Text("__type"u8) is { } type)
            return new AnswerReading { Failure = BedrockFailures.FromResponse(200, name => name == "x-amzn-errortype" ? type : null, body.Span) };
        if (root.Member("output"u8)?.Member("message"u8)?.Member("content"u8) is not { ValueKind: JsonValueKind.Array } content)
            return AnswerReading.Unusable("The provider's answer holds no content.");

        var events = new List<AnswerEvent>();
        var answer = new ConverseAnswer(events);
        answer.Start();
        var index = 0;
        foreach (var block in content.EnumerateArray())
            answer.Take(index++, block);
        answer.Finish(root.Text("stopReason"u8));
        answer.Report(root.Member("usage"u8));
        return AnswerFromEvents.Sum(events);
    }
}
