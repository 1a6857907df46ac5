using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// Writes a streamed response (inference §10.4): <c>created</c> and <c>in_progress</c>; each item added, its parts added, grown and done, the item done; and after
/// the charge <c>completed</c>, <c>incomplete</c> or <c>failed</c> with the whole response. Events are data only (I-50) and numbered from 0. An item is done when
/// another kind of thing comes; calls stay open to the end, since their fragments may come in turns.
/// </summary>
#pragma warning disable CA1001 // A Utf8JsonWriter over a caller's buffer owns nothing between two events.
internal sealed class ResponsesStreamWriter(AnswerIdentity identity) : IAnswerStreamWriter
#pragma warning restore CA1001
{
    private readonly Utf8JsonWriter writer = JsonWriting.Create(new ArrayBufferWriter<byte>(16));
    private readonly Output output = new(identity.GenerationId);
    private readonly List<OutputItem> openCalls = [];
    private int sequence;
    private bool started;
    private OutputItem? open;
    // What of the open item's part is open: the type of its deltas; null when none is.
    private Part part;
    private FinishReason finish;

    private enum Part
    {
        None,
        Text,
        Refusal,
        Summary,
        Thought,
    }

    public void WriteText(string text, IBufferWriter<byte> target)
    {
        OpenMessage(Part.Text, target);
        open!.Text.Append(text);
        Begin(ResponsesEventTypes.TextDelta, target);
        Place(open, contentIndex: 0);
        writer.WriteString("delta"u8, text);
        writer.WriteStartArray("logprobs"u8);
        writer.WriteEndArray();
        End(target);
    }

    public void WriteRefusal(string text, IBufferWriter<byte> target)
    {
        OpenMessage(Part.Refusal, target);
        open!.Refusal.Append(text);
        Begin(ResponsesEventTypes.RefusalDelta, target);
        Place(open, contentIndex: open.Text.Length > 0 ? 1 : 0);
        writer.WriteString("delta"u8, text);
        End(target);
    }

    public void WriteReasoning(ReasoningDetail detail, IBufferWriter<byte> target)
    {
        if (open is null || !Output.Continues(open, detail))
        {
            Close(target);
            AddItem(output.Add(OutputKind.Reasoning, detail.Id), target);
        }

        Output.Take(open!, detail);
        if (detail.Summary is { Length: > 0 } summary)
            WriteThought(Part.Summary, ResponsesEventTypes.SummaryDelta, summary, target);
        if (detail.Text is { Length: > 0 } text)
            WriteThought(Part.Thought, ResponsesEventTypes.ReasoningDelta, text, target);
    }

    public void WriteCallStart(ToolCallStarted call, int index, IBufferWriter<byte> target)
    {
        Close(target);
        var item = output.Add(OutputKind.Call);
        item.Call = call;
        AddItem(item, target);
        open = null;
        openCalls.Add(item);
    }

    public void WriteCallArguments(int index, string fragment, IBufferWriter<byte> target)
    {
        var item = output.Call(index);
        item.Text.Append(fragment);
        Begin(ResponsesEventTypes.ArgumentsDelta, target);
        Place(item, contentIndex: null);
        writer.WriteString("delta"u8, fragment);
        End(target);
    }

    public void WriteImage(ImageProduced image, IBufferWriter<byte> target)
    {
        Close(target);
        AddItem(output.Add(OutputKind.Image), target);
        open!.Text.Append(Output.Base64Of(image));
        Begin("response.image_generation_call.completed", target);
        Place(open, contentIndex: null);
        End(target);
        Close(target);
    }

    public void WriteCitation(UrlCitation citation, IBufferWriter<byte> target)
    {
        if (open is not { Kind: OutputKind.Message } || part != Part.Text)
            return;
        open.Citations.Add(citation);
        Begin(ResponsesEventTypes.AnnotationAdded, target);
        Place(open, contentIndex: 0);
        writer.WriteNumber("annotation_index"u8, open.Citations.Count - 1);
        writer.WritePropertyName("annotation"u8);
        OutputItem.WriteCitation(writer, citation);
        End(target);
    }

    public void WriteFinish(FinishReason reason, string? native, IBufferWriter<byte> target)
    {
        finish = reason;
        Start(target);
        // An answer without anything is a message without text.
        if (output.Items.Count == 0)
            OpenMessage(Part.Text, target);
        Close(target);
        foreach (var call in openCalls)
            CloseCall(call, target);
        openCalls.Clear();
    }

    public void WriteEnd(AnswerCharge charge, IBufferWriter<byte> target)
    {
        var state = ResponseState.Ended(finish, charge);
        WriteResponse(state.Status == "completed" ? ResponsesEventTypes.Completed : ResponsesEventTypes.Incomplete, state, target);
        target.Write("data: [DONE]\n\n"u8);
    }

    public void WriteFailure(GatewayError error, string? native, bool isFinished, IBufferWriter<byte> target)
    {
        Start(target);
        target.Write("data: "u8);
        writer.Reset(target);
        ResponsesErrorWriter.WriteEvent(writer, error, sequence++);
        writer.Flush();
        target.Write("\n\n"u8);
        WriteResponse(ResponsesEventTypes.Failed, new ResponseState("failed", Error: error), target);
        target.Write("data: [DONE]\n\n"u8);
    }

    private void WriteThought(Part kind, string type, string text, IBufferWriter<byte> target)
    {
        if (part != kind)
        {
            ClosePart(target);
            part = kind;
            Begin(kind == Part.Summary ? "response.reasoning_summary_part.added" : "response.content_part.added", target);
            PlaceThought();
            writer.WritePropertyName("part"u8);
            OutputItem.WriteThought(writer, TypeOf(kind), "");
            End(target);
        }

        Begin(type, target);
        PlaceThought();
        writer.WriteString("delta"u8, text);
        End(target);
    }

    private void OpenMessage(Part kind, IBufferWriter<byte> target)
    {
        if (open is not { Kind: OutputKind.Message })
        {
            Close(target);
            AddItem(output.Add(OutputKind.Message), target);
        }

        if (part == kind)
            return;
        ClosePart(target);
        part = kind;
        Begin("response.content_part.added", target);
        Place(open!, contentIndex: kind == Part.Refusal && open!.Text.Length > 0 ? 1 : 0);
        writer.WritePropertyName("part"u8);
        if (kind == Part.Text)
            open!.WriteText(writer, "");
        else
            OutputItem.WriteRefusal(writer, "");
        End(target);
    }

    private void AddItem(OutputItem item, IBufferWriter<byte> target)
    {
        Start(target);
        open = item;
        Begin(ResponsesEventTypes.ItemAdded, target);
        writer.WriteNumber("output_index"u8, output.Items.IndexOf(item));
        writer.WritePropertyName("item"u8);
        item.WriteEmpty(writer);
        End(target);
    }

    /// <summary>Ends the open part and the open item, if any.</summary>
    private void Close(IBufferWriter<byte> target)
    {
        if (open is not { } item)
            return;
        ClosePart(target);
        ItemDone(item, target);
        open = null;
    }

    private void CloseCall(OutputItem call, IBufferWriter<byte> target)
    {
        Begin(ResponsesEventTypes.ArgumentsDone, target);
        Place(call, contentIndex: null);
        writer.WriteString("name"u8, call.Call!.Name);
        writer.WriteString("arguments"u8, call.Text.Length == 0 ? "{}" : call.Text.ToString());
        End(target);
        ItemDone(call, target);
    }

    private void ItemDone(OutputItem item, IBufferWriter<byte> target)
    {
        Begin(ResponsesEventTypes.ItemDone, target);
        writer.WriteNumber("output_index"u8, output.Items.IndexOf(item));
        writer.WritePropertyName("item"u8);
        item.Write(writer, finish is FinishReason.Length or FinishReason.ContentFilter ? "incomplete" : "completed");
        End(target);
    }

    private void ClosePart(IBufferWriter<byte> target)
    {
        if (part == Part.None || open is not { } item)
            return;
        var closing = part;
        part = Part.None;
        var text = (closing switch
        {
            Part.Refusal => item.Refusal,
            Part.Summary => item.Summary,
            _ => item.Text,
        }).ToString();
        var (done, partDone) = closing switch
        {
            Part.Text => (ResponsesEventTypes.TextDone, "response.content_part.done"),
            Part.Refusal => (ResponsesEventTypes.RefusalDone, "response.content_part.done"),
            Part.Summary => (ResponsesEventTypes.SummaryDone, "response.reasoning_summary_part.done"),
            _ => (ResponsesEventTypes.ReasoningDone, "response.content_part.done"),
        };
        Begin(done, target);
        PlacePart(item, closing);
        writer.WriteString(closing == Part.Refusal ? "refusal"u8 : "text"u8, text);
        if (closing == Part.Text)
        {
            writer.WriteStartArray("logprobs"u8);
            writer.WriteEndArray();
        }

        End(target);
        Begin(partDone, target);
        PlacePart(item, closing);
        writer.WritePropertyName("part"u8);
        switch (closing)
        {
            case Part.Text:
                item.WriteText(writer, text);
                break;
            case Part.Refusal:
                OutputItem.WriteRefusal(writer, text);
                break;
            default:
                OutputItem.WriteThought(writer, TypeOf(closing), text);
                break;
        }

        End(target);
    }

    private void PlacePart(OutputItem item, Part kind)
    {
        part = kind;
        if (kind is Part.Summary or Part.Thought)
            PlaceThought();
        else
            Place(item, contentIndex: kind == Part.Refusal && item.Text.Length > 0 ? 1 : 0);
        part = Part.None;
    }

    private static string TypeOf(Part kind) => kind == Part.Summary ? ResponsesItemTypes.SummaryText : ResponsesItemTypes.ReasoningText;

    private void PlaceThought()
    {
        Place(open!, contentIndex: part == Part.Thought ? 0 : null);
        if (part == Part.Summary)
            writer.WriteNumber("summary_index"u8, 0);
    }

    private void Place(OutputItem item, int? contentIndex)
    {
        writer.WriteString("item_id"u8, item.Id);
        writer.WriteNumber("output_index"u8, output.Items.IndexOf(item));
        if (contentIndex is { } index)
            writer.WriteNumber("content_index"u8, index);
    }

    private void Start(IBufferWriter<byte> target)
    {
        if (started)
            return;
        started = true;
        WriteResponse(ResponsesEventTypes.Created, ResponseState.InProgress, target);
        WriteResponse(ResponsesEventTypes.InProgress, ResponseState.InProgress, target);
    }

    private void WriteResponse(string type, in ResponseState state, IBufferWriter<byte> target)
    {
        Begin(type, target);
        writer.WritePropertyName("response"u8);
        ResponseObject.Write(writer, identity, output, state);
        End(target);
    }

    private void Begin(string type, IBufferWriter<byte> target)
    {
        target.Write("data: "u8);
        writer.Reset(target);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteNumber("sequence_number"u8, sequence++);
    }

    private void End(IBufferWriter<byte> target)
    {
        writer.WriteEndObject();
        writer.Flush();
        target.Write("\n\n"u8);
    }
}
