using System.Text.Json;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>Reads the events of a streamed answer (providers contract §5.5). The data names its own type, so the SSE event name is not needed.</summary>
internal sealed class AnthropicEventReader : IAnswerEventReader
{
    private readonly AnthropicAnswer answer = new([]);
    private bool ended;

    public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
    {
        if (ended)
            return StreamStep.End;
        if (data.IsEmpty)
            return StreamStep.Continue;
        if (data.SequenceEqual("[DONE]"u8)) // not the vendor's, but servers of its format send it
            return End();
        using var document = JsonReading.TryParse(data);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            return StreamStep.Unreadable;
        answer.Events = events;
        return Read(document.RootElement, data);
    }

    public bool Complete(List<AnswerEvent> events)
    {
        answer.Events = events;
        if (!answer.Finished)
            answer.CloseAll();
        ended = true;
        return answer.Finished;
    }

    private StreamStep Read(JsonElement data, ReadOnlySpan<byte> raw)
    {
        switch (data.Text("type"u8))
        {
            case "message_start":
                if (data.Member("message"u8) is { } message)
                {
                    answer.Start(message);
                    answer.ReportPrompt();
                    TakeContent(message);
                }
                return StreamStep.Continue;
            case "content_block_start" when !answer.Finished:
                if (data.Member("content_block"u8) is { } block)
                    answer.OpenBlock(Index(data), block);
                return StreamStep.Continue;
            case "content_block_delta" when !answer.Finished:
                if (data.Member("delta"u8) is { } delta)
                    answer.Grow(Index(data), delta);
                return StreamStep.Continue;
            case "content_block_stop":
                answer.CloseBlock(Index(data));
                return StreamStep.Continue;
            case "message_delta":
                answer.TakeUsage(data.Member("usage"u8));
                var change = data.Member("delta"u8);
                if (change?.Text("stop_reason"u8) is { } reason)
                    answer.Finish(reason, change.Value.Member("stop_details"u8));
                answer.ReportUsage();
                return StreamStep.Continue;
            case "message_stop":
                answer.Finish(null, null); // says nothing where the reason was already given
                return End();
            case "error":
            case null when data.Member("error"u8) is not null:
                answer.Events.Add(new AnswerFailed(AnthropicFailures.FromBody(200, data, raw)));
                return End();
            default:
                return StreamStep.Continue; // ping, and types yet to come
        }
    }

    /// <summary>
    /// A turn that only goes on with calls already decided (programmatic tool calling) arrives whole in its first event: blocks, stop reason and
    /// all [OBS].
    /// </summary>
    private void TakeContent(JsonElement message)
    {
        if (answer.Finished || message.Member("content"u8) is not { ValueKind: JsonValueKind.Array } content)
            return;
        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            answer.OpenBlock(index, block);
            answer.CloseBlock(index++);
        }

        if (message.Text("stop_reason"u8) is not { } reason)
            return;
        answer.Finish(reason, message.Member("stop_details"u8));
        answer.ReportUsage();
    }

    private StreamStep End()
    {
        ended = true;
        return StreamStep.End;
    }

    private static long Index(JsonElement data) => data.Whole("index"u8) ?? 0;
}
