using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Sse;

namespace Fairlead.Protocols.OpenAI.Responses.Client;

/// <summary>
/// A streamed response of an endpoint of this format: every event is copied, those with the response object with ours (<see cref="ForwardedResponse"/>). The one
/// that ends it is kept back and written once, after the charge. What the events mean is read beside, for the charge.
/// </summary>
internal sealed class ResponsesStreamEditor(IAnswerEventReader reader, AnswerIdentity identity) : ForwardedStream(reader)
{
    private readonly ForwardedItems items = new();
    private long sequence;

    protected override void Copy(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var type = JsonText.ToText(JsonMembers.FindString(data, "type"u8));
        if (System.Buffers.Text.Utf8Parser.TryParse(JsonMembers.Find(data, "sequence_number"u8), out long number, out _))
            sequence = number;
        switch (type)
        {
            case "" or ResponsesEventTypes.Failed or ResponsesEventTypes.Cancelled or ResponsesEventTypes.Error:
                return;
            case ResponsesEventTypes.Completed or ResponsesEventTypes.Incomplete:
                KeepBack(data);
                return;
            case ResponsesEventTypes.Created or ResponsesEventTypes.InProgress or ResponsesEventTypes.Queued:
                WriteResponse(type, JsonMembers.Find(data, "response"u8), "[]"u8, ResponseState.InProgress, output);
                return;
            default:
                items.Take(type, data);
                WriteEvent(type, data, output);
                sequence++;
                return;
        }
    }

    protected override void CloseOpen(IBufferWriter<byte> output)
    {
        foreach (var (index, item) in items.CutShort())
        {
            Begin(ResponsesEventTypes.ItemDone, output, out var writer);
            writer.WriteNumber("output_index"u8, index);
            writer.WritePropertyName("item"u8);
            writer.WriteRawValue(item.Span, skipInputValidation: true);
            End(writer, output);
        }
    }

    protected override void WriteLast(AnswerCharge charge, IBufferWriter<byte> output)
    {
        var response = IsCutShort ? default : JsonMembers.Find(Ending, "response"u8);
        var state = response.IsEmpty ? ResponseState.Ended(Finish, charge) : ForwardedResponse.StateOf(response, charge);
        var listed = JsonMembers.Find(response, "output"u8);
        // The last event may leave the items to those before it.
        var said = listed is [(byte)'[', _, _, ..] ? listed : items.ToJson().Span;
        WriteResponse(state.Status == "incomplete" ? ResponsesEventTypes.Incomplete : ResponsesEventTypes.Completed, response, said, state, output);
        output.Write("data: [DONE]\n\n"u8);
    }

    protected override void WriteError(GatewayError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        using (var writer = JsonWriting.Create(output))
            ResponsesErrorWriter.WriteEvent(writer, error, (int)sequence++);
        output.Write("\n\n"u8);
        WriteResponse(ResponsesEventTypes.Failed, default, items.ToJson().Span, new ResponseState("failed", Error: error), output);
        output.Write("data: [DONE]\n\n"u8);
    }

    private static void WriteEvent(string type, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        if (type == ResponsesEventTypes.TextDelta && JsonMembers.Find(data, "logprobs"u8).IsEmpty)
        {
            // Every such event has them (inference §10.4).
            SseText.WriteOnOneLine(data[..^1], output);
            output.Write(",\"logprobs\":[]}"u8);
        }
        else if (UrlCitations.MayBeIn(data))
        {
            var whole = new PooledBuffer();
            var json = new JsonOutput(whole);
            UrlCitations.WriteWithin(data, ref json);
            json.Flush();
            SseText.WriteOnOneLine(whole.Written, output);
            whole.Release();
        }
        else
        {
            SseText.WriteOnOneLine(data, output);
        }

        output.Write("\n\n"u8);
    }

    private void WriteResponse(string type, ReadOnlySpan<byte> response, ReadOnlySpan<byte> said, in ResponseState state, IBufferWriter<byte> output)
    {
        Begin(type, output, out var writer);
        writer.WritePropertyName("response"u8);
        ForwardedResponse.Write(writer, identity, response, said, state);
        End(writer, output);
    }

    private void Begin(string type, IBufferWriter<byte> output, out Utf8JsonWriter writer)
    {
        output.Write("data: "u8);
        writer = JsonWriting.Create(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteNumber("sequence_number"u8, sequence++);
    }

    private static void End(Utf8JsonWriter writer, IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.Dispose();
        output.Write("\n\n"u8);
    }
}
