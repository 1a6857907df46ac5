using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// A conversation laid out as the vendor wants it: system text apart, turns that alternate and begin with the user, the results of a turn's calls
/// together at the head of the next user turn (providers contract §5.2). Bedrock's Converse has the same turns in other words (§7.2).
/// </summary>
internal sealed class AnthropicTurns
{
    /// <summary>Said for the user where the history leaves a turn out that the vendor requires.</summary>
    public const string Placeholder = "(conversation continues)";

    private readonly AnthropicToolIds ids;
    private readonly HashSet<string> unanswered = new(StringComparer.Ordinal);

    // What only users show: images of an earlier answer, behind the results of its calls.
    private readonly List<AnthropicBlock> shown = [];

    private readonly bool withThoughts;
    private readonly Func<Part, (AnthropicBlock? Block, GatewayError? Error)> toBlock;

    private AnthropicTurns(bool withThoughts, bool nineCharacterIds, Func<Part, (AnthropicBlock? Block, GatewayError? Error)> toBlock)
    {
        ids = new AnthropicToolIds(nineCharacterIds);
        this.withThoughts = withThoughts;
        this.toBlock = toBlock;
    }

    internal sealed record Turn(bool Assistant, List<AnthropicBlock> Blocks);

    /// <summary>The leading system and developer messages.</summary>
    public List<AnthropicBlock> System { get; } = [];

    /// <summary>The turns.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>Names of the functions called in the history, in order of first use.</summary>
    public List<string> CalledFunctions { get; } = [];

    /// <summary>The last assistant turn is being answered by tool results and does not begin with its thoughts: budgeted thinking would be refused.</summary>
    public bool ToolLoopWithoutThoughts { get; private set; }

    /// <summary>Lays a conversation out, or says why it cannot be. <paramref name="toBlock"/> makes blocks of content parts; ids of calls are <paramref name="nineCharacterIds"/> where the model takes no others.</summary>
    public static (AnthropicTurns? Turns, GatewayError? Error) From(
        Conversation conversation, bool withThoughts, Func<Part, (AnthropicBlock? Block, GatewayError? Error)> toBlock, bool nineCharacterIds = false)
    {
        var turns = new AnthropicTurns(withThoughts, nineCharacterIds, toBlock);
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            if (turns.Add(conversation.Messages[i]) is { } error)
                return (null, error.Param is null ? error with { Param = $"messages[{i}]" } : error);
        }
        return turns.Finish() is { } unfinished ? (null, unfinished) : (turns, null);
    }

    private GatewayError? Add(Message message)
    {
        if (message.Role != Role.Tool)
            Show();
        switch (message.Role)
        {
            case Role.Assistant:
                return AddAssistant(message);
            case Role.Tool:
                return AddToolResult(message);
            case Role.System or Role.Developer when Turns.Count == 0:
                return AddParts(message, System);
            default:
                // A system message in the middle has no place of its own here: it speaks from the user's side.
                return AddParts(message, Open(assistant: false));
        }
    }

    private GatewayError? AddAssistant(Message message)
    {
        var blocks = Open(assistant: true);
        foreach (var detail in withThoughts ? ReasoningReplay.Blocks(message, ReasoningReplay.Anthropic) : [])
        {
            if (detail is { Type: "reasoning.text", Signature.Length: > 0 })
                blocks.Add(new ThinkingBlock(detail.Text ?? "", detail.Signature));
            else if (detail is { Type: "reasoning.encrypted", Data.Length: > 0 })
                blocks.Add(new RedactedThinkingBlock(detail.Data));
        }
        if (AddParts(message, blocks) is { } error)
            return error;
        shown.AddRange(blocks.OfType<MediaBlock>());
        blocks.RemoveAll(static block => block is MediaBlock);
        if (message.Parts.Count == 0 && !string.IsNullOrWhiteSpace(message.Refusal))
            blocks.Add(new TextBlock(message.Refusal));
        foreach (var call in message.ToolCalls)
        {
            var id = ids.Open(call.Id);
            unanswered.Add(id);
            blocks.Add(new ToolUseBlock(id, call.Name, call.Arguments));
            if (!CalledFunctions.Contains(call.Name))
                CalledFunctions.Add(call.Name);
        }
        MarkLast(blocks, message.Cache);
        return null;
    }

    private GatewayError? AddToolResult(Message message)
    {
        var content = new List<AnthropicBlock>();
        if (AddParts(message with { Name = null, Cache = null }, content) is { } error)
            return error;
        var blocks = Open(assistant: false);
        // Validation already refuses results of no call (I-17); one of an unknown dialect still reaches the model as text.
        if (ids.ForResult(message.ToolCallId) is not { } id || !unanswered.Remove(id))
        {
            blocks.AddRange(content);
            return null;
        }
        // A breakpoint inside a result means the same as one behind it, and costs no nesting.
        var mark = message.Cache ?? content.FindLast(b => b.Cache is not null)?.Cache;
        content.ForEach(b => b.Cache = null);
        var results = blocks.FindLastIndex(b => b is ToolResultBlock) + 1;
        blocks.Insert(results, new ToolResultBlock(id, content) { Cache = mark, IsError = message.IsError });
        return null;
    }

    private GatewayError? AddParts(Message message, List<AnthropicBlock> blocks)
    {
        var named = message.Name is { Length: > 0 } name ? name + ": " : null;
        var before = blocks.Count;
        foreach (var part in message.Parts)
        {
            var said = part;
            if (named is not null && part is TextPart text)
            {
                said = text with { Text = named + text.Text };
                named = null;
            }
            var (block, error) = toBlock(said);
            if (error is not null)
                return error;
            if (block is not null)
                blocks.Add(block);
        }
        if (blocks.Count > before && message.Role != Role.Assistant)
            MarkLast(blocks, message.Cache);
        return null;
    }

    /// <summary>Puts a breakpoint at the end of the prompt. Null, or the mark where no block takes one.</summary>
    public CacheMark? MarkEnd(CacheMark mark)
    {
        var last = Turns.SelectMany(turn => turn.Blocks).LastOrDefault(block => block.Cacheable) ?? System.FindLast(block => block.Cacheable);
        if (last is null)
            return mark;
        last.Cache ??= mark;
        return null;
    }

    private static void MarkLast(List<AnthropicBlock> blocks, CacheMark? mark)
    {
        if (mark is not null && blocks.FindLast(b => b.Cacheable) is { } last)
            last.Cache ??= mark;
    }

    private void Show()
    {
        if (shown.Count == 0)
            return;
        Open(assistant: false).AddRange(shown);
        shown.Clear();
    }

    private List<AnthropicBlock> Open(bool assistant)
    {
        if (Turns.Count == 0 || Turns[^1].Assistant != assistant)
            Turns.Add(new Turn(assistant, []));
        return Turns[^1].Blocks;
    }

    private GatewayError? Finish()
    {
        if (unanswered.Count > 0)
            return GatewayError.Invalid(
                "Every tool call of an assistant message needs a tool message that answers it; the provider refuses the history otherwise.", "messages");
        Show();
        TrimPrefill();
        Turns.RemoveAll(turn => turn.Blocks.Count == 0);
        for (var i = Turns.Count - 1; i > 0; i--)
        {
            if (Turns[i].Assistant != Turns[i - 1].Assistant)
                continue;
            Turns[i - 1].Blocks.AddRange(Turns[i].Blocks);
            Turns.RemoveAt(i);
        }
        if (Turns.Count == 0 || Turns[0].Assistant)
            Turns.Insert(0, new Turn(false, [new TextBlock(Placeholder)]));
        ToolLoopWithoutThoughts = Turns is [.., { Assistant: true } calls, { Assistant: false, Blocks: [ToolResultBlock, ..] }]
            && calls.Blocks[0] is not (ThinkingBlock or RedactedThinkingBlock);
        return null;
    }

    // An answer begun by the caller may not end in white space.
    private void TrimPrefill()
    {
        if (Turns is not [.., { Assistant: true } last] || last.Blocks is not [.., TextBlock text]
            || text.Text.TrimEnd() is var trimmed && trimmed.Length == text.Text.Length)
            return;
        last.Blocks[^1] = new TextBlock(trimmed) { Cache = text.Cache };
    }
}
