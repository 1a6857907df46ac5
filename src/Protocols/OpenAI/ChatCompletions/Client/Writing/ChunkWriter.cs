using System.Buffers;
using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

/// <summary>
/// Writes the chunks of one streamed answer (inference §4.3). What every chunk begins with is encoded once; one JSON writer serves the whole
/// stream. Each call writes one whole event, <c>data: {…}</c> and a blank line. Every delta repeats the role; content is empty beside
/// reasoning and the finish, null beside tool calls; members that are absent are left out rather than null (I-25).
/// </summary>
#pragma warning disable CA1001 // A Utf8JsonWriter over a caller's buffer owns nothing between two events.
internal sealed class ChunkWriter : IAnswerStreamWriter
#pragma warning restore CA1001
{
    private readonly AnswerIdentity identity;
    private readonly byte[] head;
    private readonly Utf8JsonWriter writer;
    private int images;

    public ChunkWriter(AnswerIdentity identity)
    {
        this.identity = identity;
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("data: "u8);
        writer = new Utf8JsonWriter(buffer, ChatJson.Options);
        AnswerPieces.WriteHead(writer, identity, "chat.completion.chunk"u8);
        writer.Flush();
        head = buffer.WrittenSpan.ToArray();
    }

    /// <summary>A piece of text.</summary>
    public void WriteText(string text, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, text);
        CloseDelta(output);
    }

    public void WriteRefusal(string text, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, ""u8);
        writer.WriteString("refusal"u8, text);
        CloseDelta(output);
    }

    /// <summary>A fragment of a reasoning block: its readable text also stands alone in <c>reasoning</c>.</summary>
    public void WriteReasoning(ReasoningDetail detail, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, ""u8);
        if ((detail.Text ?? detail.Summary) is { Length: > 0 } readable)
            writer.WriteString("reasoning"u8, readable);
        writer.WriteStartArray("reasoning_details"u8);
        AnswerPieces.WriteDetail(writer, detail, 0);
        writer.WriteEndArray();
        CloseDelta(output);
    }

    /// <summary>The first fragment of a call names it.</summary>
    public void WriteCallStart(ToolCallStarted call, int index, IBufferWriter<byte> output)
    {
        OpenCall(index, output);
        writer.WriteString("id"u8, call.Id);
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, call.Name);
        writer.WriteString("arguments"u8, ""u8);
        CloseCall(output);
    }

    /// <summary>Later fragments carry argument text only.</summary>
    public void WriteCallArguments(int index, string fragment, IBufferWriter<byte> output)
    {
        OpenCall(index, output);
        writer.WriteStartObject("function"u8);
        writer.WriteString("arguments"u8, fragment);
        CloseCall(output);
    }

    public void WriteImage(ImageProduced image, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, ""u8);
        writer.WriteStartArray("images"u8);
        AnswerPieces.WriteImage(writer, image, images++);
        writer.WriteEndArray();
        CloseDelta(output);
    }

    public void WriteCitation(UrlCitation citation, IBufferWriter<byte> output) => WriteAnnotation(citation, output);

    public void WriteFile(FileParsed file, IBufferWriter<byte> output) => WriteAnnotation(file, output);

    private void WriteAnnotation(AnswerEvent note, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, ""u8);
        writer.WriteStartArray("annotations"u8);
        AnswerPieces.WriteAnnotation(writer, note);
        writer.WriteEndArray();
        CloseDelta(output);
    }

    /// <summary>The one chunk with a finish reason.</summary>
    public void WriteFinish(FinishReason reason, string? native, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteString("content"u8, ""u8);
        writer.WriteEndObject();
        CloseChoice(FinishNames.Of(reason), native, output);
    }

    /// <summary>The usage chunk, whose choices are empty (I-24), and the terminator.</summary>
    public void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output)
    {
        OpenChunk(output);
        writer.WriteStartArray("choices"u8);
        writer.WriteEndArray();
        writer.WritePropertyName("usage"u8);
        ChatUsageWriter.Write(writer, charge);
        if (charge.ServiceTier is { } tier)
            writer.WriteString("service_tier"u8, tier);
        RouterMetadataWriter.Write(writer, charge.RouterMetadata);
        CloseChunk(output);
        output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>
    /// The error chunk and the terminator (§4.5, I-29, I-30). Its choice carries the finish reason <c>error</c>, unless the answer's finish is
    /// out already: then it has no choice, since a finish is said once.
    /// </summary>
    public void WriteFailure(GatewayError error, string? native, bool isFinished, IBufferWriter<byte> output)
    {
        OpenChunk(output);
        writer.WritePropertyName("error"u8);
        ErrorWriter.WriteError(writer, error);
        if (isFinished)
        {
            writer.WriteStartArray("choices"u8);
            writer.WriteEndArray();
        }
        else
        {
            ErrorWriter.WriteErrorChoices(writer, native);
        }

        CloseChunk(output);
        output.Write("data: [DONE]\n\n"u8);
    }

    private void OpenChunk(IBufferWriter<byte> output)
    {
        output.Write(head);
        output.Write(","u8);
        writer.Reset(output);
    }

    private void CloseChunk(IBufferWriter<byte> output)
    {
        writer.Flush();
        output.Write("}\n\n"u8);
    }

    private void OpenDelta(IBufferWriter<byte> output)
    {
        output.Write(head);
        output.Write(",\"choices\":[{\"index\":0,\"delta\":"u8);
        writer.Reset(output);
        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);
    }

    private void CloseDelta(IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.Flush();
        output.Write(",\"finish_reason\":null,\"native_finish_reason\":null,\"logprobs\":null}]}\n\n"u8);
    }

    private void CloseChoice(ReadOnlySpan<byte> reason, string? native, IBufferWriter<byte> output)
    {
        writer.Flush();
        output.Write(",\"finish_reason\":\""u8);
        output.Write(reason);
        output.Write("\",\"native_finish_reason\":"u8);
        writer.Reset(output);
        writer.WriteStringValue(native);
        writer.Flush();
        output.Write(",\"logprobs\":null}]}\n\n"u8);
    }

    private void OpenCall(int index, IBufferWriter<byte> output)
    {
        OpenDelta(output);
        writer.WriteNull("content"u8);
        writer.WriteStartArray("tool_calls"u8);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
    }

    private void CloseCall(IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        CloseDelta(output);
    }
}
