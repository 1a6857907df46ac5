using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// A streamed answer from an OpenAI-style host to an OpenAI-style client: each chunk is copied with what the contract changes changed (providers §2.4,
/// inference §4.3). The way of an event:
/// <list type="number">
/// <item>the terminator ends the stream; blank data is a keep-alive;</item>
/// <item>an event like the last but for its text goes through <see cref="EventTemplate"/>: compared and copied, nothing parsed;</item>
/// <item>any other is read: a failure or usage is kept, each choice is written as a chunk of its own into <c>scratch</c>;</item>
/// <item>only a wholly readable event reaches the output.</item>
/// </list>
/// </summary>
internal sealed class ChatStreamEditor : StreamTranslator
{
    // n is 128 at most; an index beyond is not an answer to anything we sent.
    private const int MostChoices = 128;

    private readonly AnswerIdentity identity;
    private readonly ChatChunkFrame frame;
    private readonly List<ChoiceState> choices = new(1);
    private readonly EventTemplate template = new();
    private readonly PooledBuffer scratch = new();
    private readonly PooledBuffer annotations = new();
    private bool annotated;
    private bool terminated;
    private bool finishWritten;
    private ChunkWriter? writer;

    public ChatStreamEditor(AnswerIdentity identity)
    {
        this.identity = identity;
        frame = new ChatChunkFrame(identity);
    }

    /// <summary>A failure the provider reported ends the stream: see <see cref="StreamTranslator.Failure"/>.</summary>
    public override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (Amender is null && !KeepsText && template.TryApply(data, output, Meter))
            return StreamStep.Continue;
        template.Forget();
        data = data.Trim(" \t\r\n"u8);
        if (data.IsEmpty)
            return StreamStep.Continue;
        if (data.SequenceEqual("[DONE]"u8))
        {
            terminated = true;
            return StreamStep.End;
        }
        if (Failure is not null)
            return StreamStep.End;
        if (!JsonCheck.IsValid(data))
            return StreamStep.Unreadable;

        scratch.Clear();
        try
        {
            return Read(eventName, data, output);
        }
        catch (JsonException)
        {
            // Valid JSON that is no answer: a choice nobody asked for, calls without end.
            return StreamStep.Unreadable;
        }
    }

    public override bool Complete(IBufferWriter<byte> output)
    {
        if (Failure is not null)
            return false;
        scratch.Clear();
        foreach (var choice in choices)
        {
            if (choice.Finish != FinishReason.None)
                continue;
            // [DONE] is a host's word that the answer is whole; without it an answer that did not finish was cut.
            if (!terminated || !choice.HasOutput)
                return false;
            WriteClosing(choice, default);
        }
        output.Write(scratch.Written);
        return choices.Count > 0;
    }

    public override void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output) => Writer.WriteEnd(charge, output);

    public override void WriteFinish(FinishReason reason, IBufferWriter<byte> output)
    {
        if (finishWritten)
            return;
        Finish = reason;
        HasContent = true;
        finishWritten = true;
        Writer.WriteFinish(reason, native: null, output);
    }

    // A finish that is an error was left to this chunk.
    public override void WriteFailure(GatewayError error, IBufferWriter<byte> output) =>
        Writer.WriteFailure(error, NativeFinish, finishWritten && Finish != FinishReason.Error, output);

    public override string? ReadText() => KeepsText ? choices.Find(static choice => choice.Index == 0)?.Said ?? "" : null;

    public override IReadOnlyList<ToolCall>? ReadCalls()
    {
        if (!KeepsCalls)
            return null;
        var calls = new List<ToolCall>();
        foreach (var choice in choices)
        {
            for (var number = 0; number < choice.Calls.Count; number++)
            {
                var call = choice.Calls[number];
                if (call.Kept!.ToCall(call.Id) is not { } whole)
                    return null;
                calls.Add(whole);
            }
        }
        return calls;
    }

    public override void Release()
    {
        base.Release();
        foreach (var choice in choices)
            choice.Release();
        template.Release();
        scratch.Release();
        annotations.Release();
    }

    private ChunkWriter Writer => writer ??= new ChunkWriter(identity);

    private StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var parts = ChunkParts.Read(data);
        if (parts.IsFailure || eventName.SequenceEqual("error"u8))
        {
            Failure = FailureClassifier.ClassifyInBand(parts.FailureIn(data));
            return StreamStep.End;
        }
        if (UpstreamId is null && !parts.Id.IsEmpty)
            UpstreamId = JsonText.ToText(parts.Id);
        ServedAtDefaultTier |= parts.ServedAtDefaultTier;
        // Every report replaces the one before: some hosts repeat cumulative counts (providers §2.4).
        if (!parts.Usage.IsEmpty)
            Usage = ChatUsageReader.Read(parts.Usage) ?? Usage;
        else if (!parts.Timings.IsEmpty && Usage is null)
            Usage = ChatUsageReader.ReadTimings(parts.Timings);
        if (!annotated && !parts.Citations.IsEmpty && (annotations.Written.IsEmpty || !parts.SearchResults.IsEmpty))
        {
            annotations.Clear();
            CitationEditor.Write(parts.Citations, parts.SearchResults, annotations);
        }

        var copied = default(CopiedText);
        var written = 0;
        var elements = new JsonElements(parts.Choices.IsEmpty ? "[]"u8 : parts.Choices);
        while (elements.Next())
        {
            var choice = ChoiceParts.Read(elements.Value);
            if (!choice.Error.IsEmpty)
            {
                Failure = FailureClassifier.ClassifyInBand(choice.Error);
                return StreamStep.End;
            }
            if (!choice.Usage.IsEmpty)
                Usage = ChatUsageReader.Read(choice.Usage) ?? Usage;
            if (written++ > 0)
                copied.Refuse();
            WriteChoice(data, parts, elements.Value, choice, ref copied);
        }
        if (!parts.Usage.IsEmpty)
            copied.Refuse();
        output.Write(scratch.Written);
        template.Learn(data, scratch.Written, copied);
        return StreamStep.Continue;
    }

    private void WriteChoice(ReadOnlySpan<byte> data, scoped in ChunkParts chunk, ReadOnlySpan<byte> json, scoped in ChoiceParts choice, ref CopiedText copied)
    {
        var state = StateOf(choice.Index);
        // A whole message in place of deltas, from a host that does not stream; one that repeats the deltas at the end is not shown again.
        var delta = choice.Delta.IsEmpty && !state.HasOutput ? choice.Message : choice.Delta;
        var parts = MessageParts.Read(delta);
        var text = MessageText.Read(parts, state, whole: false);
        if (Amender is not null || KeepsText)
            state.Say(text.Content);
        var hasOutput = MessageEditor.HasOutput(parts, text);
        if (hasOutput)
        {
            state.HasOutput = HasOutput = true;
            HasContent = true;
            if (!parts.Images.IsEmpty)
                CountImages(JsonElements.Count(parts.Images));
        }
        var finishes = !choice.Finish.IsEmpty && state.Finish == FinishReason.None;
        if (finishes && Finish == FinishReason.None && ChatFinish.Read(choice.Finish, state.Calls.Count > 0) == FinishReason.Error)
        {
            // The error chunk says it, as the answer's last: what came with it is written like any other piece.
            NoteFinish(state, choice.Finish);
            finishes = false;
            copied.Refuse();
        }
        if (!hasOutput && !finishes && (state.Finish != FinishReason.None || IsIdle(parts, choice, state)))
        {
            copied.Refuse();
            return;
        }

        // A hidden piece of reasoning still shows that the model is at work, once; after that there is nothing to say.
        if (identity.ExcludeReasoning && hasOutput && !finishes && IsReasoningOnly(parts, text))
        {
            if (state.ReasoningAnnounced)
            {
                MeterText.Add(Meter, text.Reasoning);
                copied.Refuse();
                return;
            }
            state.ReasoningAnnounced = true;
        }

        var output = new JsonOutput(scratch);
        frame.Begin(ref output);
        if (!chunk.SystemFingerprint.IsEmpty)
            output.Member("system_fingerprint"u8, chunk.SystemFingerprint);
        chunk.CopyOthers(data, ref output);
        ChatChunkFrame.BeginChoice(state.Index, ref output);
        choice.CopyOthers(json, ref output);
        output.Name("delta"u8);
        MessageEditor.WriteDelta(delta, parts, text, state, identity.ExcludeReasoning, Meter, ref output, ref copied);
        LogprobsEditor.Write(choice.Logprobs, ref output);
        var leftover = finishes && HasLeftover(state);
        if (!finishes || leftover)
        {
            ChatChunkFrame.WriteFinish(FinishReason.None, default, ref output);
        }
        else
        {
            copied.Refuse();
            NoteFinish(state, choice.Finish);
            ChatChunkFrame.WriteFinish(state.Finish, choice.Finish, ref output);
        }
        ChatChunkFrame.End(ref output);
        output.Flush();
        if (leftover)
        {
            copied.Refuse();
            WriteClosing(state, choice.Finish);
        }
    }

    private void CountImages(int images)
    {
        Images += images;
        Meter.AddImages(images);
    }

    private bool HasLeftover(ChoiceState state) =>
        Amender is not null || state.Think.Holds || ToolCallEditor.MissesArguments(state.Calls) || (!annotated && !annotations.Written.IsEmpty);

    // The last chunk of a choice: what was held back, the finish.
    private void WriteClosing(ChoiceState state, ReadOnlySpan<byte> native)
    {
        state.Content.Clear();
        state.Reasoning.Clear();
        if (state.Think.Holds)
            state.Think.Finish(state.Reasoning, state.Content);
        var text = new MessageText
        {
            Content = new TextPiece(state.Content.Written, escaped: false),
            Reasoning = new TextPiece(state.Reasoning.Written, escaped: false),
        };
        if (!text.Content.IsEmpty || !text.Reasoning.IsEmpty)
            state.HasOutput = HasOutput = HasContent = true;
        NoteFinish(state, native);

        var copied = default(CopiedText);
        var parts = default(MessageParts);
        if (Amender is not null || KeepsText)
            state.Say(text.Content);
        if (Amender is not null)
            Annotate(Amender.Annotate(state.Said));

        if (!annotated)
            parts.Annotations = annotations.Written;
        annotated |= !parts.Annotations.IsEmpty;
        parts.MissingArguments = ToolCallEditor.MissesArguments(state.Calls);
        var output = new JsonOutput(scratch);
        frame.Begin(ref output);
        ChatChunkFrame.BeginChoice(state.Index, ref output);
        output.Name("delta"u8);
        MessageEditor.WriteDelta("{}"u8, parts, text, state, identity.ExcludeReasoning, Meter, ref output, ref copied);
        LogprobsEditor.Write(default, ref output);
        ChatChunkFrame.WriteFinish(state.Finish, native, ref output);
        ChatChunkFrame.End(ref output);
        output.Flush();
    }

    // Behind the provider's own annotations, which go with the first choice that ends; each choice has its notes.
    private void Annotate(IReadOnlyList<AnswerEvent> notes)
    {
        if (annotated)
            annotations.Clear();
        if (notes.Count == 0)
            return;
        annotated = false;
        CitationEditor.Append(notes, annotations);
    }

    private void NoteFinish(ChoiceState state, ReadOnlySpan<byte> native)
    {
        state.Finish = ChatFinish.Read(native, state.Calls.Count > 0);
        HasContent = finishWritten = true;
        if (Finish != FinishReason.None)
            return;
        Finish = state.Finish;
        NativeFinish = native.IsEmpty ? null : JsonText.ToText(native);
    }

    // A chunk that says nothing: no member at all, or only what a chunk before already said.
    private static bool IsIdle(scoped in MessageParts parts, scoped in ChoiceParts choice, ChoiceState state) =>
        !parts.HasOthers && choice.Logprobs.IsEmpty && (!parts.HasAny || state.HasOutput) && parts.Annotations.IsEmpty;

    private static bool IsReasoningOnly(scoped in MessageParts parts, scoped in MessageText text) =>
        text.Content.IsEmpty && !MessageEditor.HasCalls(parts) && parts.Refusal.Length <= 2 && parts.Images.IsEmpty && parts.Audio.IsEmpty
        && parts.ReasoningDetails.Length <= 2;

    private ChoiceState StateOf(long index)
    {
        foreach (var state in choices)
        {
            if (state.Index == index)
                return state;
        }
        if (choices.Count >= MostChoices || index is < 0 or >= MostChoices)
            throw new JsonException("A choice nobody asked for.");
        var added = new ChoiceState(index, identity.GenerationId, KeepsCalls);
        choices.Add(added);
        return added;
    }
}
