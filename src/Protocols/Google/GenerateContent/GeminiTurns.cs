using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>
/// A conversation laid out as the vendor wants it: system text apart, user first, neighbours of one role together, and after a turn with calls one
/// content that answers all of them in their order (providers contract §6.2, §6.3).
/// </summary>
internal sealed class GeminiTurns
{
    /// <summary>Accepted where a call's real signature cannot be had: its history comes from another model.</summary>
    private const string NoSignature = "skip_thought_signature_validator";

    private const string Placeholder = "(conversation continues)";

    private readonly GeminiModel model;
    private readonly List<CallPiece> open = [];
    private readonly List<Message> waiting = [];
    private readonly Dictionary<string, (GeminiPart Response, List<GeminiPart> After)> answers = new(StringComparer.Ordinal);

    private readonly bool withSignatures;

    private GeminiTurns(GeminiModel model, bool withSignatures)
    {
        this.model = model;
        this.withSignatures = withSignatures;
    }

    internal sealed record Turn(bool Model, List<GeminiPart> Parts)
    {
        /// <summary>Answers to calls stand alone, so that their number equals that of the calls.</summary>
        public bool Sealed { get; init; }
    }

    /// <summary>The leading system and developer messages.</summary>
    public List<GeminiPart> System { get; } = [];

    /// <summary>The contents.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>Lays a conversation out, or says why it cannot be.</summary>
    public static (GeminiTurns? Turns, GatewayError? Error) From(Conversation conversation, GeminiModel model, bool withSignatures = true)
    {
        var turns = new GeminiTurns(model, withSignatures);
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            if (turns.Add(conversation.Messages[i]) is { } error)
                return (null, error.Param is null ? error with { Param = $"messages[{i}]" } : error);
        }
        return turns.Finish() is { } unfinished ? (null, unfinished) : (turns, null);
    }

    private GatewayError? Add(Message message)
    {
        switch (message.Role)
        {
            case Role.Tool:
                return AddResult(message);
            case Role.System or Role.Developer when Turns.Count == 0:
                return AddParts(message, System);
            case Role.Assistant:
                return CloseCalls() ?? AddAssistant(message);
            case var _ when open.Count > answers.Count:
                waiting.Add(message); // said between a call and its answer, where nothing may stand
                return null;
            default:
                return CloseCalls() ?? AddParts(message, Open(ofModel: false));
        }
    }

    private GatewayError? AddAssistant(Message message)
    {
        var parts = Open(ofModel: true);
        var first = parts.Count;
        if (AddParts(message, parts) is { } error)
            return error;
        if (message.Parts.Count == 0 && !string.IsNullOrEmpty(message.Refusal))
            parts.Add(new TextPiece(message.Refusal));
        foreach (var call in message.ToolCalls)
        {
            var piece = new CallPiece(call.Id, call.Name, call.Arguments);
            open.Add(piece);
            parts.Add(piece);
        }
        Sign(message, parts, first);
        return null;
    }

    /// <summary>Puts every signature back beside what it signed: the call or the image its id names, else the last text.</summary>
    private void Sign(Message message, List<GeminiPart> parts, int first)
    {
        foreach (var detail in withSignatures ? ReasoningReplay.Blocks(message, ReasoningReplay.Google) : [])
        {
            if (detail is not { Type: "reasoning.encrypted", Data: { Length: > 0 } signature })
                continue;
            if (parts.FindIndex(first, p => p is CallPiece call && call.Id == detail.Id && call.ThoughtSignature is null) is >= 0 and var at)
            {
                parts[at].ThoughtSignature = signature;
            }
            else if (GeminiImages.IndexOf(detail.Id) is { } image)
            {
                // Of clients whose items came in turns, the image may stand in a message before that of its signature.
                var own = parts.Skip(first).OfType<InlinePiece>().ToList();
                if ((own.Count > 0 ? own : parts.OfType<InlinePiece>()).ElementAtOrDefault(image) is { } signed)
                    signed.ThoughtSignature = signature;
            }
            else if (detail.Id is null || !message.ToolCalls.Any(call => call.Id == detail.Id))
            {
                var text = parts.FindLastIndex(parts.Count - 1, parts.Count - first, p => p is TextPiece);
                if (text < 0)
                    parts.Insert(text = message.ToolCalls.Count > 0 ? first : parts.Count, new TextPiece(""));
                parts[text].ThoughtSignature = signature;
            }
        }
        if (model.Signed && parts.FindIndex(first, p => p is CallPiece) is >= 0 and var call0)
            parts[call0].ThoughtSignature ??= NoSignature;
        if (!model.SignsParts)
            return;
        for (var i = first; i < parts.Count; i++)
        {
            if (parts[i] is TextPiece or InlinePiece)
                parts[i].ThoughtSignature ??= NoSignature;
        }
    }

    private GatewayError? AddResult(Message message)
    {
        var content = new List<GeminiPart>();
        if (AddParts(message with { Name = null }, content) is { } error)
            return error;
        // Validation already refuses results of no call (I-17); one of an unknown dialect still reaches the model as text.
        var call = open.Find(c => c.Id == message.ToolCallId && !answers.ContainsKey(c.Id));
        if (call is null)
        {
            Open(ofModel: false).AddRange(content);
            return null;
        }
        var text = string.Join("\n", content.OfType<TextPiece>().Select(p => p.Text));
        var media = content.Where(p => p is not TextPiece).ToList();
        // Media inside a function response are read from generation 3 on; before, they follow as the user's.
        answers[call.Id] = model.Signed
            ? (new ResponsePiece(call.Name, text, media), [])
            : (new ResponsePiece(call.Name, text, []), media);
        return null;
    }

    // The results of one step, in the order of its calls, whatever order they came in.
    private GatewayError? CloseCalls()
    {
        if (open.Count == 0)
            return null;
        if (answers.Count < open.Count)
            return Unanswered();
        var step = open.ConvertAll(call => answers[call.Id]);
        Turns.Add(new Turn(false, step.ConvertAll(answer => answer.Response)) { Sealed = true });
        foreach (var (_, after) in step)
        {
            if (after.Count > 0)
                Open(ofModel: false).AddRange(after);
        }
        open.Clear();
        answers.Clear();
        var said = waiting.ToList();
        waiting.Clear();
        foreach (var message in said)
        {
            if (AddParts(message, Open(ofModel: false)) is { } error)
                return error;
        }
        return null;
    }

    private static GatewayError Unanswered() => GatewayError.Invalid(
        "Every tool call of an assistant message needs a tool message that answers it, and ids that differ; Gemini models refuse the history otherwise.", "messages");

    private GatewayError? AddParts(Message message, List<GeminiPart> parts)
    {
        var named = message.Name is { Length: > 0 } name ? name + ": " : null;
        foreach (var part in message.Parts)
        {
            var said = part;
            if (named is not null && part is TextPart text)
            {
                said = text with { Text = named + text.Text };
                named = null;
            }
            var (piece, error) = GeminiMedia.ToPart(model, said);
            if (error is not null)
                return error;
            if (piece is not null)
                parts.Add(piece);
        }
        return null;
    }

    private List<GeminiPart> Open(bool ofModel)
    {
        if (Turns.Count == 0 || Turns[^1].Model != ofModel || Turns[^1].Sealed)
            Turns.Add(new Turn(ofModel, []));
        return Turns[^1].Parts;
    }

    private GatewayError? Finish()
    {
        if (CloseCalls() is { } error)
            return error;
        Turns.RemoveAll(turn => turn.Parts.Count == 0);
        if (Turns.Count == 0 || Turns[0].Model)
            Turns.Insert(0, new Turn(false, [new TextPiece(Placeholder)]));
        return null;
    }
}
