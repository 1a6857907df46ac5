using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Sse;

namespace Fairlead.Protocols.Anthropic.Messages.Client;

/// <summary>
/// A streamed message of an endpoint of this format: every event is copied, <c>message_start</c> with our id, model and provider. The events with usage are kept
/// back and written once, after the charge: <c>message_delta</c> with what it cost, and <c>message_stop</c>. What the events mean is read beside, for the charge.
/// </summary>
internal sealed class MessagesStreamEditor(IAnswerEventReader reader, AnswerIdentity identity) : ForwardedStream(reader)
{
    private readonly SortedSet<long> openBlocks = [];
    private bool started;

    protected override void Copy(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var type = JsonMembers.FindString(data, "type"u8);
        if (type.SequenceEqual("message_delta"u8))
        {
            // The reason may come apart from the counts: the last that tells a reason, with the last counts.
            if (Ending.IsEmpty || !JsonMembers.Find(data, "usage"u8).IsEmpty)
                KeepBack(data);
            return;
        }

        if (type.SequenceEqual("message_stop"u8) || type.SequenceEqual("error"u8) || type.IsEmpty)
            return;
        if (type.SequenceEqual("message_start"u8))
        {
            WriteStart(data, output);
            return;
        }

        if (type.SequenceEqual("content_block_start"u8))
            openBlocks.Add(IndexOf(data));
        else if (type.SequenceEqual("content_block_stop"u8))
            openBlocks.Remove(IndexOf(data));
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        SseText.WriteOnOneLine(data, output);
        output.Write("\n\n"u8);
    }

    protected override void CloseOpen(IBufferWriter<byte> output)
    {
        foreach (var block in openBlocks)
            WriteStop(block, output);
        openBlocks.Clear();
    }

    protected override void WriteLast(AnswerCharge charge, IBufferWriter<byte> output)
    {
        var json = new JsonOutput(output);
        json.Frame("event: message_delta\ndata: "u8);
        json.BeginObject();
        json.Member("type"u8, "\"message_delta\""u8);
        json.Name("delta"u8);
        var said = IsCutShort ? default : JsonMembers.Find(Ending, "delta"u8);
        if (JsonMembers.FindString(said.IsEmpty ? "{}"u8 : said, "stop_reason"u8).IsEmpty)
        {
            json.BeginObject();
            json.Name("stop_reason"u8);
            json.String(StopReasons.Of(Finish, NativeFinish));
            json.Member("stop_sequence"u8, "null"u8);
            MessagesAnswerEditor.WriteOmitted(default, ref json);
            json.EndObject();
        }
        else
        {
            json.BeginObject();
            var members = new JsonMembers(said);
            while (members.Next())
                json.Member(members.Name, members.Value);
            MessagesAnswerEditor.WriteOmitted(said, ref json);
            json.EndObject();
        }

        MessagesAnswerEditor.WriteUsage(JsonMembers.Find(Ending, "usage"u8), charge, ref json);
        CopyOthers(ref json);
        if (!charge.RouterMetadata.IsEmpty)
        {
            json.Name("openrouter_metadata"u8);
            json.Raw(charge.RouterMetadata.Span);
        }

        json.EndObject();
        json.Frame("\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
        json.Flush();
    }

    protected override void WriteError(GatewayError error, IBufferWriter<byte> output) => MessagesErrorWriter.WriteEvent(error, output);

    private void WriteStart(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var message = JsonMembers.Find(data, "message"u8);
        if (started || message is not [(byte)'{', ..])
            return;
        started = true;
        var json = new JsonOutput(output);
        json.Frame("event: message_start\ndata: "u8);
        json.BeginObject();
        json.Member("type"u8, "\"message_start\""u8);
        json.Name("message"u8);
        json.BeginObject();
        MessagesAnswerEditor.WriteMembers(message, identity, ref json);
        if (JsonMembers.Find(message, "usage"u8) is { IsEmpty: false } usage)
            json.Member("usage"u8, usage);
        json.EndObject();
        json.EndObject();
        json.Frame("\n\n"u8);
        json.Flush();
    }

    private void CopyOthers(ref JsonOutput json)
    {
        var members = new JsonMembers(Ending);
        while (members.Next())
        {
            if (!members.Name.SequenceEqual("type"u8) && !members.Name.SequenceEqual("delta"u8) && !members.Name.SequenceEqual("usage"u8))
                json.Member(members.Name, members.Value);
        }
    }

    private static void WriteStop(long block, IBufferWriter<byte> output)
    {
        var json = new JsonOutput(output);
        json.Frame("event: content_block_stop\ndata: "u8);
        json.BeginObject();
        json.Member("type"u8, "\"content_block_stop\""u8);
        json.Name("index"u8);
        json.Number(block);
        json.EndObject();
        json.Frame("\n\n"u8);
        json.Flush();
    }

    private static long IndexOf(ReadOnlySpan<byte> data) =>
        System.Buffers.Text.Utf8Parser.TryParse(JsonMembers.Find(data, "index"u8), out long index, out _) ? index : 0;
}
