using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>Sums the events of a whole answer up, for dialects that read streamed and whole answers with the same code.</summary>
internal static class AnswerFromEvents
{
    /// <summary>The reading of an answer made of <paramref name="events"/>.</summary>
    public static AnswerReading Sum(List<AnswerEvent> events)
    {
        string? id = null, model = null, native = null;
        var finish = FinishReason.None;
        Usage? usage = null;
        int calls = 0, images = 0;
        var empty = true;
        var emitted = new StringBuilder();
        foreach (var e in events)
        {
            switch (e)
            {
                case AnswerFailed failed:
                    return new AnswerReading { Failure = failed.Failure };
                case AnswerStarted started:
                    (id, model) = (started.UpstreamId ?? id, started.UpstreamModel ?? model);
                    continue;
                case UpstreamModelChanged changed:
                    model = changed.UpstreamModel;
                    continue;
                case AnswerFinished finished:
                    (finish, native) = (finished.Reason, finished.Native);
                    continue;
                case UsageReported reported:
                    usage = reported.Usage;
                    continue;
                case PromptUsageReported or UrlCitation:
                    continue;
                case TextDelta delta:
                    emitted.Append(delta.Text);
                    break;
                case RefusalDelta delta:
                    emitted.Append(delta.Text);
                    break;
                case ReasoningDelta delta:
                    emitted.Append(delta.Detail.Text).Append(delta.Detail.Summary);
                    break;
                case ToolCallStarted call:
                    emitted.Append(call.Name);
                    calls++;
                    break;
                case ToolCallArguments arguments:
                    emitted.Append(arguments.Fragment);
                    break;
                case ImageProduced:
                    images++;
                    break;
            }
            empty = false;
        }
        return new AnswerReading
        {
            UpstreamId = id,
            UpstreamModel = model,
            Finish = finish,
            NativeFinish = native,
            Usage = usage,
            Events = events,
            EmittedText = usage is null ? emitted.ToString() : null,
            Empty = empty,
            ToolCalls = calls,
            Images = images,
        };
    }
}
