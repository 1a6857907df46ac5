using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>A translator that reads the upstream's events: gathers from them what Settle needs.</summary>
internal abstract class EventTranslator : StreamTranslator
{
    // In characters; a longer text is not kept.
    private const int LongestText = 1024 * 1024;

    private readonly StringBuilder text = new(0);
    private AnswerCalls.Gathering? calls;
    private List<ReasoningDetail>? reasoning;

    public override IReadOnlyList<ToolCall>? ReadCalls() => KeepsCalls ? calls?.Calls ?? [] : null;

    public override string? ReadText() => KeepsText && text.Length <= LongestText ? text.ToString() : null;

    public override IReadOnlyList<ReasoningDetail> ReadReasoning() => reasoning ?? [];

    /// <summary>Takes one event in, before it is written. Reasoning that is held back was still produced: it counts, and it commits the answer.</summary>
    protected void Note(AnswerEvent e)
    {
        if (KeepsCalls)
            (calls ??= new AnswerCalls.Gathering()).Add(e);
        switch (e)
        {
            case TextDelta { Text: { Length: > 0 } piece }:
                Emit(piece);
                if (KeepsText && text.Length <= LongestText)
                    text.Append(piece);
                break;
            case ReasoningDelta { Detail: var detail }:
                Emit((detail.Text ?? detail.Summary) ?? "");
                if (KeepsReasoning)
                    (reasoning ??= []).Add(detail);
                break;
            case ToolCallStarted call:
                Emit(call.Name);
                break;
            case ToolCallArguments { Fragment: { Length: > 0 } fragment }:
                Emit(fragment);
                break;
            case RefusalDelta { Text: { Length: > 0 } refusal }:
                Emit(refusal);
                break;
            case ImageProduced:
                HasContent = HasOutput = true;
                Images++;
                Meter.AddImages(1);
                break;
            default:
                NoteFact(e);
                break;
        }
    }

    private void NoteFact(AnswerEvent e)
    {
        switch (e)
        {
            case AnswerStarted { UpstreamId: { } id }:
                UpstreamId = id;
                break;
            case AnswerFinished finished when Finish == FinishReason.None:
                Finish = finished.Reason;
                NativeFinish = finished.Native;
                HasContent = true;
                break;
            case PromptUsageReported prompt:
                PromptUsage = prompt.Usage;
                break;
            case UsageReported reported:
                Usage = reported.Usage;
                break;
            case AnswerFailed failed:
                Failure = failed.Failure;
                break;
        }
    }

    /// <summary>Feeds the meter, in pieces of a size the stack can hold.</summary>
    private void Emit(ReadOnlySpan<char> text)
    {
        HasContent = HasOutput = true;
        Span<byte> utf8 = stackalloc byte[768];
        while (!text.IsEmpty)
        {
            var take = Math.Min(text.Length, 256);
            if (take < text.Length && char.IsHighSurrogate(text[take - 1]))
                take--;
            take = Math.Max(take, 1);
            Meter.Add(utf8[..Encoding.UTF8.GetBytes(text[..take], utf8)]);
            text = text[take..];
        }
    }
}
