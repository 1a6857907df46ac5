using System.Text;

namespace Fairlead.Protocols.Canonical;

/// <summary>The events of one whole answer put together: fragments joined, blocks and calls in their order.</summary>
internal sealed class AnswerParts
{
    private readonly List<BlockFragments> blocks = [];
    private readonly List<CallFragments> calls = [];
    private StringBuilder? text;
    private StringBuilder? refusal;
    private StringBuilder? reasoning;

    public AnswerParts(IEnumerable<AnswerEvent> events, AnswerIdentity identity)
    {
        foreach (var e in events)
            Add(e, identity);
    }

    /// <summary>The visible text, or null when there was none.</summary>
    public string? Text => text?.ToString();
    public string? Refusal => refusal?.ToString();

    /// <summary>The readable reasoning, or null when there was none or it is held back.</summary>
    public string? Reasoning => reasoning?.ToString();
    public IEnumerable<ReasoningDetail> Details => blocks.Select(b => b.Join());
    public IReadOnlyList<CallFragments> Calls => calls;
    public List<ImageProduced> Images { get; } = [];
    public List<UrlCitation> Citations { get; } = [];
    public List<FileParsed> Files { get; } = [];

    private void Add(AnswerEvent e, AnswerIdentity identity)
    {
        switch (e)
        {
            case TextDelta delta:
                (text ??= new StringBuilder()).Append(delta.Text);
                break;
            case RefusalDelta delta:
                (refusal ??= new StringBuilder()).Append(delta.Text);
                break;
            case ReasoningDelta { Detail: var detail } when identity.Shows(detail):
                AddReasoning(detail);
                break;
            case ToolCallStarted call:
                calls.Add(new CallFragments(call));
                break;
            case ToolCallArguments piece:
                calls.FindLast(c => c.Call.Index == piece.Index)?.Arguments.Append(piece.Fragment);
                break;
            case ImageProduced image:
                Images.Add(image);
                break;
            case UrlCitation citation:
                Citations.Add(citation);
                break;
            case FileParsed file:
                Files.Add(file);
                break;
        }
    }

    private void AddReasoning(ReasoningDetail detail)
    {
        if ((detail.Text ?? detail.Summary) is { Length: > 0 } readable)
            (reasoning ??= new StringBuilder()).Append(readable);
        if (blocks.Count > 0 && blocks[^1].TryAdd(detail))
            return;
        if (detail.Index is not null && blocks.Find(b => b.First.Index == detail.Index) is { } open && open.TryAdd(detail))
            return;
        blocks.Add(new BlockFragments(detail));
    }

    /// <summary>A call and its arguments so far.</summary>
    internal sealed record CallFragments(ToolCallStarted Call)
    {
        public StringBuilder Arguments { get; } = new();
    }

    private sealed class BlockFragments(ReasoningDetail first)
    {
        private readonly List<ReasoningDetail> pieces = [first];

        public ReasoningDetail First => pieces[0];

        /// <summary>Fragments of one block share type and index.</summary>
        public bool TryAdd(ReasoningDetail detail)
        {
            if (detail.Type != First.Type || detail.Index != First.Index)
                return false;
            pieces.Add(detail);
            return true;
        }

        public ReasoningDetail Join() => pieces.Count == 1 ? First : First with
        {
            Format = pieces.Find(p => p.Format is not null)?.Format,
            Id = pieces.Find(p => p.Id is not null)?.Id,
            Text = Concat(p => p.Text),
            Summary = Concat(p => p.Summary),
            Data = Concat(p => p.Data),
            Signature = Concat(p => p.Signature),
        };

        private string? Concat(Func<ReasoningDetail, string?> member) =>
            pieces.Exists(p => member(p) is not null) ? string.Concat(pieces.Select(member)) : null;
    }
}
