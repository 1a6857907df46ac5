using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.Sse;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// Reads an OpenAI-style stream into canonical events, for clients of other dialects. The host's habits are dealt with once, by
/// <see cref="ChatStreamEditor"/>: this reads the chunks it writes, which have one form.
/// </summary>
internal sealed class ChatEventReader : IAnswerEventReader
{
    private readonly ChatStreamEditor editor = new(new AnswerIdentity("gen-0", "", "", 0));
    private readonly PooledBuffer chunks = new();
    private readonly SseFrameReader frames = new();
    private bool broken;
    private bool started;
    private Usage? reported;

    public bool ServedAtDefaultTier => editor.ServedAtDefaultTier;

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        chunks.Clear();
        var step = editor.Translate(eventName, data, chunks);
        if (!started && (editor.UpstreamId is not null || !chunks.Written.IsEmpty))
        {
            started = true;
            var model = JsonMembers.FindString(data, "model"u8);
            events.Add(new AnswerStarted(editor.UpstreamId, model.IsEmpty ? null : JsonText.ToText(model)));
        }
        ReadChunks(events);
        if (editor.Failure is { } failure)
            events.Add(new AnswerFailed(failure));
        return step;
    }

    /// <summary>The events of a whole answer that <see cref="ChatAnswerReader"/> took: of its first choice, as <see cref="ChatAnswerEditor"/> writes it.</summary>
    public static IReadOnlyList<AnswerEvent> ReadWhole(ReadOnlySpan<byte> body)
    {
        var edited = new System.Buffers.ArrayBufferWriter<byte>(body.Length + 512);
        ChatAnswerEditor.Write(body, new AnswerIdentity("gen-0", "", "", 0), new AnswerCharge { Usage = default, Cost = 0 }, edited);
        var events = new List<AnswerEvent>();
        var choices = new JsonElements(JsonMembers.Find(edited.WrittenSpan, "choices"u8));
        if (choices.Next())
            ReadMessage(MessageParts.Read(JsonMembers.Find(choices.Value, "message"u8)), events);
        return events;
    }

    public bool Complete(List<AnswerEvent> events)
    {
        chunks.Clear();
        var complete = editor.Complete(chunks);
        ReadChunks(events);
        editor.Release();
        chunks.Release();
        frames.Release();
        return complete;
    }

    private void ReadChunks(List<AnswerEvent> events)
    {
        frames.Append(chunks.Written);
        while (frames.TryRead(out var frame))
        {
            var choices = new JsonElements(JsonMembers.Find(frame.Data, "choices"u8));
            while (choices.Next())
                ReadChoice(ChoiceParts.Read(choices.Value), events);
        }
        // The editor leaves a finish that is an error to the error chunk, which is not written here.
        if (editor.Finish == FinishReason.Error && !broken)
        {
            broken = true;
            events.Add(new AnswerFinished(FinishReason.Error, editor.NativeFinish));
        }
        if (editor.Usage is { } usage && usage != reported)
        {
            reported = usage;
            events.Add(new UsageReported(usage));
        }
    }

    private void ReadChoice(in ChoiceParts choice, List<AnswerEvent> events)
    {
        // Canonical events tell of one choice.
        if (choice.Index != 0)
            return;
        ReadMessage(MessageParts.Read(choice.Delta), events);
        if (!choice.Finish.IsEmpty)
            events.Add(new AnswerFinished(editor.Finish, editor.NativeFinish));
    }

    private static void ReadMessage(scoped in MessageParts delta, List<AnswerEvent> events)
    {
        ReadReasoning(delta.ReasoningDetails, events);
        if (delta.Content.Length > 2)
            events.Add(new TextDelta(JsonText.ToText(delta.Content[1..^1])));
        if (delta.Refusal.Length > 2)
            events.Add(new RefusalDelta(JsonText.ToText(delta.Refusal[1..^1])));
        ReadCalls(delta.ToolCalls, events);
        ReadImages(delta.Images, events);
        ReadAnnotations(delta.Annotations, events);
    }

    private static void ReadReasoning(ReadOnlySpan<byte> details, List<AnswerEvent> events)
    {
        var blocks = new JsonElements(OrEmpty(details));
        while (blocks.Next())
        {
            var type = Text(blocks.Value, "type"u8);
            if (type is null)
                continue;
            events.Add(new ReasoningDelta(new ReasoningDetail
            {
                Type = type,
                Format = Text(blocks.Value, "format"u8),
                Id = Text(blocks.Value, "id"u8),
                Index = Number(blocks.Value, "index"u8),
                Text = Text(blocks.Value, "text"u8),
                Signature = Text(blocks.Value, "signature"u8),
                Summary = Text(blocks.Value, "summary"u8),
                Data = Text(blocks.Value, "data"u8),
            }));
        }
    }

    private static void ReadCalls(ReadOnlySpan<byte> calls, List<AnswerEvent> events)
    {
        var fragments = new JsonElements(OrEmpty(calls));
        while (fragments.Next())
        {
            var index = Number(fragments.Value, "index"u8) ?? 0;
            var function = JsonMembers.Find(fragments.Value, "function"u8);
            if (Text(fragments.Value, "id"u8) is { } id)
                events.Add(new ToolCallStarted(index, id, Text(function, "name"u8) ?? ""));
            if (Text(function, "arguments"u8) is { Length: > 0 } arguments)
                events.Add(new ToolCallArguments(index, arguments));
        }
    }

    private static void ReadImages(ReadOnlySpan<byte> images, List<AnswerEvent> events)
    {
        var list = new JsonElements(OrEmpty(images));
        while (list.Next())
        {
            if (JsonMembers.Find(list.Value, "image_url"u8) is { IsEmpty: false } image && Text(image, "url"u8) is { } url)
                events.Add(new ImageProduced(url));
        }
    }

    private static void ReadAnnotations(ReadOnlySpan<byte> annotations, List<AnswerEvent> events)
    {
        var list = new JsonElements(OrEmpty(annotations));
        while (list.Next())
        {
            var citation = JsonMembers.Find(list.Value, "url_citation"u8);
            if (Text(citation, "url"u8) is { } url)
            {
                events.Add(new UrlCitation(
                    url, Text(citation, "title"u8) ?? "", Text(citation, "content"u8), Number(citation, "start_index"u8) ?? 0, Number(citation, "end_index"u8) ?? 0));
            }
        }
    }

    private static ReadOnlySpan<byte> OrEmpty(ReadOnlySpan<byte> array) => array.IsEmpty ? "[]"u8 : array;

    private static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        json is [(byte)'{', ..] && JsonMembers.Find(json, name) is [(byte)'"', .. var inside, (byte)'"'] ? JsonText.ToText(inside) : null;

    private static int? Number(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) =>
        json is [(byte)'{', ..] && System.Buffers.Text.Utf8Parser.TryParse(JsonMembers.Find(json, name), out int number, out _) ? number : null;
}
