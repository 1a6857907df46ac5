using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Cohere;

/// <summary>Reads the events of a streamed answer (providers contract §9). The data names its own type, so the SSE event name is not needed.</summary>
internal sealed class CohereEventReader : IAnswerEventReader
{
    private readonly CohereAnswer answer = new([]);
    private bool ended;

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
        return Read(document.RootElement, data);
    }

    public bool Complete(List<AnswerEvent> events)
    {
        answer.Events = events;
        if (!answer.Finished)
            answer.CloseAll();
        ended = true;
        return answer.Finished;
    }

    private StreamStep Read(JsonElement data, ReadOnlySpan<byte> raw)
    {
        var delta = data.Member("delta"u8) ?? default;
        var message = delta.Member("message"u8) ?? default;
        var index = data.Whole("index"u8) ?? 0;
        switch (data.Text("type"u8))
        {
            case "message-start":
                answer.Start(data.Text("id"u8));
                return StreamStep.Continue;
            case "content-start" or "content-delta":
                if (message.Member("content"u8) is { } content)
                    answer.AddContent(content);
                return StreamStep.Continue;
            case "tool-plan-delta":
                answer.AddPlan(message.Text("tool_plan"u8));
                return StreamStep.Continue;
            case "tool-call-start":
                if (message.Member("tool_calls"u8) is { } call)
                    answer.OpenCall(index, call);
                return StreamStep.Continue;
            case "tool-call-delta":
                if (message.Member("tool_calls"u8)?.Member("function"u8) is { } function)
                    answer.AddArguments(index, function);
                return StreamStep.Continue;
            case "tool-call-end":
                answer.CloseCall(index);
                return StreamStep.Continue;
            case "citation-start":
                if (message.Member("citations"u8) is { } citation)
                    answer.Cite(citation);
                return StreamStep.Continue;
            case "message-end":
                answer.Finish(delta.Text("finish_reason"u8), delta.Member("usage"u8), delta.Text("error"u8));
                return End();
            case null when CohereFailures.InBand(data, raw) is { } failure:
                answer.Events.Add(new AnswerFailed(failure));
                return End();
            default:
                return StreamStep.Continue; // ends of content and citations, and types yet to come
        }
    }

    private StreamStep End()
    {
        ended = true;
        return StreamStep.End;
    }
}
