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
                case ToolCallStarted:
                    calls++;
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
            EmittedText = usage is null ? Text(events) : null,
            Empty = empty,
            ToolCalls = calls,
            Images = images,
        };
    }

    /// <summary>All text in the events: content, refusals, reasoning, calls.</summary>
    public static string Text(IReadOnlyList<AnswerEvent> events)
    {
        var text = new StringBuilder();
        foreach (var e in events)
        {
            text.Append(e switch
            {
                TextDelta delta => delta.Text,
                RefusalDelta delta => delta.Text,
                ReasoningDelta delta => delta.Detail.Text + delta.Detail.Summary,
                ToolCallStarted call => call.Name,
                ToolCallArguments arguments => arguments.Fragment,
                _ => null,
            });
        }

        return text.ToString();
    }
}
