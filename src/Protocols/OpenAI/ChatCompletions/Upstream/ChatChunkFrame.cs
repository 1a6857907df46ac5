using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Client.Writing;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>
/// What is around the deltas of an edited stream: the event's frame, the members every chunk begins with, and the end of a choice (inference §4.3).
/// The chunks that are ours alone come from the client dialect's own writer. One per stream.
/// </summary>
internal sealed class ChatChunkFrame
{
    private readonly byte[] head;

    public ChatChunkFrame(AnswerIdentity identity)
    {
        var buffer = new PooledBuffer();
        var output = new JsonOutput(buffer);
        output.BeginObject();
        output.Name("id"u8);
        output.String(identity.GenerationId);
        output.Name("object"u8);
        output.Raw("\"chat.completion.chunk\""u8);
        output.Name("created"u8);
        output.Number(identity.Created);
        output.Name("model"u8);
        output.String(identity.Model);
        output.Name("provider"u8);
        output.String(identity.Provider);
        output.Flush();
        head = [.. "data: "u8, .. buffer.Written];
        buffer.Release();
    }

    /// <summary>Begins a chunk: the caller adds members, then choices, then <see cref="End"/>.</summary>
    public void Begin(ref JsonOutput output) => output.Frame(head, continues: true);

    /// <summary>Begins <c>choices</c> and its only element.</summary>
    public static void BeginChoice(long index, ref JsonOutput output)
    {
        output.Name("choices"u8);
        output.BeginArray();
        output.BeginObject();
        output.Name("index"u8);
        output.Number(index);
    }

    /// <summary>Writes both finish reasons. <paramref name="native"/> is the inside of the host's word, empty for none.</summary>
    public static void WriteFinish(FinishReason finish, ReadOnlySpan<byte> native, ref JsonOutput output)
    {
        output.Name("finish_reason"u8);
        WriteInside(finish == FinishReason.None ? default : FinishNames.Of(finish), ref output);
        output.Name("native_finish_reason"u8);
        WriteInside(native, ref output);
    }

    /// <summary>Ends the element, <c>choices</c>, the chunk and its event.</summary>
    public static void End(ref JsonOutput output)
    {
        output.EndObject();
        output.EndArray();
        output.EndObject();
        output.Frame("\n\n"u8);
    }

    private static void WriteInside(ReadOnlySpan<byte> inside, ref JsonOutput output)
    {
        if (inside.IsEmpty)
        {
            output.Null();
            return;
        }
        output.OpenString();
        output.Escaped(inside);
        output.CloseString();
    }
}
