using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Ollama;

/// <summary>Reads the lines of a streamed answer; the one that says <c>done</c> is the last. A failure is a line too.</summary>
internal sealed class OllamaEventReader : IAnswerEventReader
{
    private readonly OllamaAnswer answer = new([]);
    private bool ended;

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (ended)
            return StreamStep.End;
        if (data.IsEmpty)
            return StreamStep.Continue;
        using var document = JsonReading.TryParse(data);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return StreamStep.Unreadable;
        answer.Events = events;
        if (document.RootElement.Member("error"u8) is not null)
        {
            ended = true;
            events.Add(new AnswerFailed(FailureClassifier.ClassifyInBand(data) with { Status = 200 }));
            return StreamStep.End;
        }

        answer.Read(document.RootElement);
        ended = answer.Finished;
        return ended ? StreamStep.End : StreamStep.Continue;
    }

    public bool Complete(List<AnswerEvent> events)
    {
        ended = true;
        return answer.Finished;
    }
}
