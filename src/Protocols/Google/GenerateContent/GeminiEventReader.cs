using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Reads the events of <c>streamGenerateContent?alt=sse</c>: each is a response with what is new (providers contract §6.5).</summary>
internal sealed class GeminiEventReader : IAnswerEventReader
{
    private readonly GeminiAnswer answer = new([]);
    private bool failed;
    private bool completed;

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (failed || completed)
            return StreamStep.End;
        if (data.IsEmpty)
            return StreamStep.Continue;
        answer.Events = events;
        // The first event names the answer, once.
        if (answer.HasStarted && GeminiTokenEvent.TryRead(data, out var token))
        {
            answer.Read(token);
            return StreamStep.Continue;
        }

        using var document = JsonReading.TryParse(data);
        if (document is null)
            return StreamStep.Unreadable;
        if (GeminiFailures.InBand(document.RootElement, data) is { } failure)
        {
            failed = true;
            events.Add(new AnswerFailed(failure));
            return StreamStep.End;
        }
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return StreamStep.Unreadable;
        answer.Read(document.RootElement);
        return StreamStep.Continue;
    }

    public bool Complete(List<AnswerEvent> events)
    {
        if (failed || completed)
            return completed && answer.Finished;
        completed = true;
        answer.Events = events;
        return answer.End();
    }
}
