using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>
/// Reads the events of ConverseStream (providers contract §7.4), whose names are their frames'. Usage has been seen before and after the finish: only the end of the
/// body ends an answer.
/// </summary>
internal sealed class ConverseEventReader : IAnswerEventReader
{
    private readonly ConverseAnswer answer = new([]);

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        answer.Events = events;
        if (BedrockFailures.FromEvent(eventName, data) is { } failure)
        {
            events.Add(new AnswerFailed(failure));
            return StreamStep.End;
        }

        using var document = JsonReading.TryParse(data);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return StreamStep.Unreadable;
        Read(Encoding.UTF8.GetString(eventName[..Math.Min(eventName.Length, 40)]), document.RootElement);
        return StreamStep.Continue;
    }

    public bool Complete(List<AnswerEvent> events)
    {
        answer.Events = events;
        if (!answer.Finished)
            answer.CloseAll();
        return answer.Finished;
    }

    private void Read(string name, JsonElement data)
    {
        var index = data.Whole("contentBlockIndex"u8) ?? 0;
        switch (name)
        {
            case "messageStart":
                answer.Start();
                break;
            case "contentBlockStart" when !answer.Finished && data.Member("start"u8)?.Member("toolUse"u8) is { } call:
                answer.OpenCall(index, call);
                break;
            case "contentBlockDelta" when !answer.Finished && data.Member("delta"u8) is { } delta:
                answer.Grow(index, delta);
                break;
            case "contentBlockStop":
                answer.Close(index);
                break;
            case "messageStop":
                answer.Finish(data.Text("stopReason"u8));
                break;
            case "metadata":
                answer.Report(data.Member("usage"u8));
                break;
        }
    }
}
