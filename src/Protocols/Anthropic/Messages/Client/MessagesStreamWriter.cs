using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// Writes a streamed message (inference §12.3): <c>message_start</c>, each block opened, grown and closed in turn, then <c>message_delta</c> with the reason and
/// usage, and <c>message_stop</c>. A block closes when another kind of thing comes, but a call only once its arguments are whole: until then, or the end, what belongs
/// to later blocks waits (<see cref="LaterBlocks"/>), since pieces of several calls may come in turns.
/// </summary>
#pragma warning disable CA1001 // A Utf8JsonWriter over a caller's buffer owns nothing between two events.
internal sealed class MessagesStreamWriter(AnswerIdentity identity) : IAnswerStreamWriter
#pragma warning restore CA1001
{
    private enum Kind
    {
        None,
        Text,
        Thinking,
        Call,
    }

    private readonly Utf8JsonWriter writer = JsonWriting.Create(new ArrayBufferWriter<byte>(16));
    private readonly LaterBlocks later = new();
    private Usage prompt;
    private bool started;
    private Kind open;
    // Of the call whose block is open.
    private int openCall;
    private JsonBalance arguments;
    private int blocks;
    private int? thought;
    private FinishReason finish;
    private string? native;
    private StringBuilder? refusal;

    public bool IsOverfull => later.IsFull;

    private bool MustWait => open == Kind.Call && !arguments.IsWhole;

    public void NotePrompt(in Usage prompt) => this.prompt = prompt;

    public void WriteText(string text, IBufferWriter<byte> output)
    {
        if (MustWait)
        {
            later.Add(new TextDelta(text), text.Length);
            return;
        }

        if (open != Kind.Text)
        {
            OpenBlock(Kind.Text, output);
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, ""u8);
            EndOpening(output);
        }

        Delta("text_delta"u8, "text"u8, text, output);
    }

    public void WriteRefusal(string text, IBufferWriter<byte> output)
    {
        (refusal ??= new StringBuilder()).Append(text);
        WriteText(text, output);
    }

    public void WriteReasoning(ReasoningDetail detail, IBufferWriter<byte> output)
    {
        if (MustWait)
        {
            later.Add(new ReasoningDelta(detail), (detail.Text?.Length ?? 0) + (detail.Summary?.Length ?? 0) + (detail.Data?.Length ?? 0) + (detail.Signature?.Length ?? 0));
            return;
        }

        if (Thoughts.IsRedacted(detail))
        {
            OpenBlock(Kind.None, output);
            writer.WriteString("type"u8, "redacted_thinking"u8);
            writer.WriteString("data"u8, detail.Data);
            EndOpening(output);
            CloseBlock(blocks - 1, output);
            return;
        }

        var text = detail.Text ?? detail.Summary;
        var signature = Thoughts.SignatureOf(detail);
        if (text is null or "" && signature is null)
            return;
        if (open != Kind.Thinking || detail.Index != thought)
        {
            OpenBlock(Kind.Thinking, output);
            thought = detail.Index;
            writer.WriteString("type"u8, "thinking"u8);
            writer.WriteString("thinking"u8, ""u8);
            writer.WriteString("signature"u8, ""u8);
            EndOpening(output);
        }

        if (text is { Length: > 0 })
            Delta("thinking_delta"u8, "thinking"u8, text, output);
        if (signature is not null)
            Delta("signature_delta"u8, "signature"u8, signature, output);
    }

    public void WriteCallStart(ToolCallStarted call, int index, IBufferWriter<byte> output)
    {
        if (MustWait)
        {
            later.AddCall(call, index);
            return;
        }

        OpenBlock(Kind.Call, output);
        (openCall, arguments) = (index, default);
        writer.WriteString("type"u8, "tool_use"u8);
        writer.WriteString("id"u8, call.Id);
        writer.WriteString("name"u8, call.Name);
        writer.WriteStartObject("input"u8);
        writer.WriteEndObject();
        EndOpening(output);
    }

    public void WriteCallArguments(int index, string fragment, IBufferWriter<byte> output)
    {
        if (open != Kind.Call || index != openCall)
        {
            // Behind whole arguments, whose block is closed, nothing of a call can follow but blanks.
            later.Grow(index, fragment);
            return;
        }

        GrowCall(fragment, output);
        WriteLater(output);
    }

    // No block of this format holds an image the model made (docs/protocols/messages-client.md).
    public void WriteImage(ImageProduced image, IBufferWriter<byte> output) => Start(output);

    public void WriteCitation(UrlCitation citation, IBufferWriter<byte> output)
    {
        if (MustWait)
            later.Add(citation, citation.Url.Length + citation.Title.Length + (citation.Content?.Length ?? 0));
        if (open != Kind.Text)
            return;
        BeginDelta("citations_delta"u8, output);
        writer.WritePropertyName("citation"u8);
        MessagesAnswerWriter.WriteCitation(writer, citation);
        EndDelta(output);
    }

    public void WriteFinish(FinishReason reason, string? native, IBufferWriter<byte> output)
    {
        Start(output);
        do
            CloseOpen(output);
        while (WriteLater(output));
        (finish, this.native) = (reason, native);
    }

    public void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output)
    {
        Begin("message_delta"u8, output);
        writer.WriteStartObject("delta"u8);
        writer.WriteString("stop_reason"u8, StopReasons.Of(finish, native));
        writer.WriteNull("stop_sequence"u8);
        MessagesAnswerWriter.WriteStopDetails(writer, finish, refusal?.ToString());
        writer.WriteNull("container"u8);
        writer.WriteEndObject();
        writer.WritePropertyName("usage"u8);
        MessagesUsageWriter.Write(writer, charge);
        if (!charge.RouterMetadata.IsEmpty)
        {
            writer.WritePropertyName("openrouter_metadata"u8);
            writer.WriteRawValue(charge.RouterMetadata.Span, skipInputValidation: true);
        }

        End(output);
        Begin("message_stop"u8, output);
        End(output);
    }

    public void WriteFailure(GatewayError error, string? native, bool isFinished, IBufferWriter<byte> output) => MessagesErrorWriter.WriteEvent(error, output);

    private void Start(IBufferWriter<byte> output)
    {
        if (started)
            return;
        started = true;
        Begin("message_start"u8, output);
        writer.WriteStartObject("message"u8);
        MessagesAnswerWriter.WriteHead(writer, identity);
        writer.WriteStartArray("content"u8);
        writer.WriteEndArray();
        writer.WriteNull("stop_reason"u8);
        writer.WriteNull("stop_sequence"u8);
        writer.WriteNull("stop_details"u8);
        writer.WriteNull("container"u8);
        writer.WritePropertyName("usage"u8);
        MessagesUsageWriter.WriteStart(writer, prompt);
        writer.WriteEndObject();
        End(output);
    }

    private void GrowCall(string fragment, IBufferWriter<byte> output)
    {
        arguments.Add(fragment);
        Delta("input_json_delta"u8, "partial_json"u8, fragment, output);
    }

    /// <summary>Writes what waits, up to the next call that is not whole; false when nothing did.</summary>
    private bool WriteLater(IBufferWriter<byte> output)
    {
        var wrote = false;
        while (!MustWait && later.TryTake(out var e))
        {
            wrote = true;
            switch (e)
            {
                case TextDelta piece:
                    WriteText(piece.Text, output);
                    break;
                case ReasoningDelta thought:
                    WriteReasoning(thought.Detail, output);
                    break;
                case UrlCitation citation:
                    WriteCitation(citation, output);
                    break;
                case ToolCallStarted waiting:
                    WriteCallStart(waiting, waiting.Index, output);
                    if (later.TakeArguments(waiting.Index) is { Length: > 0 } sofar)
                        GrowCall(sofar, output);
                    break;
            }
        }

        return wrote;
    }

    /// <summary>Closes what is open and begins the next block; the caller writes the block's members and ends the opening.</summary>
    private void OpenBlock(Kind kind, IBufferWriter<byte> output)
    {
        Start(output);
        CloseOpen(output);
        open = kind;
        Begin("content_block_start"u8, output);
        writer.WriteNumber("index"u8, blocks);
        writer.WriteStartObject("content_block"u8);
        blocks++;
    }

    private void EndOpening(IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        End(output);
    }

    private void CloseOpen(IBufferWriter<byte> output)
    {
        if (open != Kind.None)
            CloseBlock(blocks - 1, output);
        open = Kind.None;
    }

    private void CloseBlock(int index, IBufferWriter<byte> output)
    {
        Begin("content_block_stop"u8, output);
        writer.WriteNumber("index"u8, index);
        End(output);
    }

    private void Delta(ReadOnlySpan<byte> type, ReadOnlySpan<byte> name, string value, IBufferWriter<byte> output)
    {
        BeginDelta(type, output);
        writer.WriteString(name, value);
        EndDelta(output);
    }

    private void BeginDelta(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Begin("content_block_delta"u8, output);
        writer.WriteNumber("index"u8, blocks - 1);
        writer.WriteStartObject("delta"u8);
        writer.WriteString("type"u8, type);
    }

    private void EndDelta(IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        End(output);
    }

    private void Begin(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        writer.Reset(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
    }

    private void End(IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n\n"u8);
    }
}
