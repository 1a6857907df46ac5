using Fairlead.Protocols.Canonical;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary>
/// Passes on what the turns of a streamed answer say, as one answer: without calls of ours, texts of different turns a paragraph each, blocks of reasoning numbered on,
/// citations at their place in the whole text. Finish and usage are kept back: they are those of a turn, not of the answer.
/// </summary>
internal sealed class TurnFilter(ServerToolRun run, QueuedEvents queue)
{
    private const string Paragraph = "\n\n";

    private readonly HashSet<int> ours = [];
    private readonly List<AnswerEvent> said = [];
    private int written;
    private int turnAt;
    private bool turnHasText;
    private int blocks;
    private int blocksBefore;

    /// <summary>Something was passed on that the caller will see.</summary>
    public bool HasShown { get; private set; }

    /// <summary>The turn calls functions of the caller's own.</summary>
    public bool HasCallersCalls { get; private set; }

    /// <summary>All the turn said.</summary>
    public IReadOnlyList<AnswerEvent> Said => said;

    /// <summary>Another turn begins.</summary>
    public void Next()
    {
        ours.Clear();
        said.Clear();
        (turnHasText, blocksBefore) = (false, blocks);
    }

    /// <summary>Takes events over. False where nothing of them is passed on.</summary>
    public bool Pass(List<AnswerEvent> events)
    {
        var any = false;
        foreach (var e in events)
        {
            said.Add(e);
            if (Shown(e) is not { } shown)
                continue;
            queue.Add(shown);
            any = true;
            HasShown |= shown is TextDelta or RefusalDelta or ReasoningDelta or ToolCallStarted or ImageProduced;
        }

        events.Clear();
        return any;
    }

    private AnswerEvent? Shown(AnswerEvent e)
    {
        switch (e)
        {
            case TextDelta { Text: { Length: > 0 } text }:
                return new TextDelta(Place(text));
            case ReasoningDelta { Detail: { Index: { } index } detail }:
                blocks = Math.Max(blocks, blocksBefore + index + 1);
                return blocksBefore == 0 ? e : new ReasoningDelta(detail with { Index = blocksBefore + index });
            case ToolCallStarted call:
                if (run.Find(call.Name) is not null)
                {
                    ours.Add(call.Index);
                    return null;
                }

                HasCallersCalls = true;
                return e;
            case ToolCallArguments piece:
                return ours.Contains(piece.Index) ? null : e;
            case UrlCitation { EndIndex: > 0 } citation:
                return citation with { StartIndex = citation.StartIndex + turnAt, EndIndex = citation.EndIndex + turnAt };
            case AnswerFinished or UsageReported or PromptUsageReported or AnswerFailed:
                return null;
            default:
                return e;
        }
    }

    private string Place(string text)
    {
        if (!turnHasText)
        {
            turnHasText = true;
            if (written > 0)
                text = Paragraph + text;
            turnAt = written > 0 ? written + Paragraph.Length : 0;
        }

        written += text.Length;
        return text;
    }
}
