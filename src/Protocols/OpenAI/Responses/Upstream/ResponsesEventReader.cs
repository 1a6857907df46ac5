using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>
/// Reads the events of a streamed answer (providers contract §3.3). The data names its own type, so the SSE event name is not needed. Items are told apart by
/// <c>output_index</c>: some hosts give one item another id in each event.
/// </summary>
internal sealed class ResponsesEventReader(UpstreamTarget target) : IAnswerEventReader
{
    private readonly ResponsesAnswer answer = new(ResponsesReasoningFormat.Of(target));
    private bool ended;

    public bool ServedAtDefaultTier { get; private set; }

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (ended)
            return StreamStep.End;
        if (data.IsEmpty)
            return StreamStep.Continue;
        if (data.SequenceEqual("[DONE]"u8))
            return End();
        using var document = JsonReading.TryParse(data);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return StreamStep.Unreadable;
        answer.Events = events;
        return Read(document.RootElement);
    }

    public bool Complete(List<AnswerEvent> events)
    {
        answer.Events = events;
        if (!answer.Finished)
            answer.CloseAll();
        ended = true;
        return answer.Finished;
    }

    private StreamStep Read(JsonElement data)
    {
        var item = data.Whole("output_index"u8) ?? 0;
        var part = data.Whole("content_index"u8) ?? 0;
        switch (data.Text("type"u8))
        {
            case ResponsesEventTypes.Created or ResponsesEventTypes.InProgress or ResponsesEventTypes.Queued:
                answer.Start(data.Member("response"u8) ?? default);
                break;
            case ResponsesEventTypes.ItemAdded:
                answer.Open(item, data.Member("item"u8) ?? default);
                break;
            case ResponsesEventTypes.ItemDone:
                answer.Close(item, data.Member("item"u8) ?? default);
                break;
            case ResponsesEventTypes.TextDelta:
                answer.Say(item, part, data.Text("delta"u8));
                break;
            case ResponsesEventTypes.TextDone:
                answer.SaidAll(item, part, data.Text("text"u8));
                break;
            case ResponsesEventTypes.RefusalDelta:
                answer.Refuse(item, part, data.Text("delta"u8));
                break;
            case ResponsesEventTypes.RefusalDone:
                answer.RefusedAll(item, part, data.Text("refusal"u8));
                break;
            case ResponsesEventTypes.AnnotationAdded:
                answer.Cite(item, part, data.Member("annotation"u8) ?? default);
                break;
            case ResponsesEventTypes.ArgumentsDelta:
                answer.AddArguments(item, data.Text("delta"u8));
                break;
            case ResponsesEventTypes.ArgumentsDone:
                answer.CloseCall(item, data.Text("arguments"u8));
                break;
            case ResponsesEventTypes.SummaryDelta:
                answer.Summarize(item, data.Whole("summary_index"u8) ?? 0, data.Text("delta"u8));
                break;
            case ResponsesEventTypes.SummaryDone:
                answer.SummarizedAll(item, data.Whole("summary_index"u8) ?? 0, data.Text("text"u8));
                break;
            case ResponsesEventTypes.ReasoningDelta:
                answer.Think(item, part, data.Text("delta"u8));
                break;
            case ResponsesEventTypes.ReasoningDone:
                answer.ThoughtAll(item, part, data.Text("text"u8));
                break;
            case ResponsesEventTypes.Completed or ResponsesEventTypes.Incomplete:
                answer.Finish(data.Member("response"u8) ?? default);
                ServedAtDefaultTier = data.Member("response"u8)?.Text("service_tier"u8) == "default";
                return End();
            case ResponsesEventTypes.Failed or ResponsesEventTypes.Cancelled:
                answer.Events.Add(new AnswerFailed(ResponsesFailures.OfAnswer(data.Member("response"u8) ?? default)));
                return End();
            case ResponsesEventTypes.Error:
            case null when data.Member("error"u8) is not null:
                answer.Events.Add(new AnswerFailed(ResponsesFailures.InBand(data)));
                return End();
            default:
                break; // tools that run at the provider, parts, and types yet to come
        }
        return StreamStep.Continue;
    }

    private StreamStep End()
    {
        ended = true;
        return StreamStep.End;
    }
}
