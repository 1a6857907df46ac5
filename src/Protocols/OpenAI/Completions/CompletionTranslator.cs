using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Json;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Completions;

/// <summary>
/// A stream of chat chunks in the form of this route: the chat translator does the work, its chunks are written again. Chunks that differ in their text only are
/// written by <see cref="EventTemplate"/>.
/// </summary>
internal sealed class CompletionTranslator(StreamTranslator chat) : StreamTranslator(chat.Meter)
{
    private readonly PooledBuffer chunks = new();
    private readonly PooledBuffer rewritten = new();
    private readonly EventTemplate template = new();

    public override StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        chunks.Clear();
        chat.KeepsText = KeepsText;
        var step = chat.Translate(eventName, data, chunks);
        Pass(output);
        return step;
    }

    public override string? ReadText() => chat.ReadText();

    public override bool Complete(IBufferWriter<byte> output)
    {
        chunks.Clear();
        var whole = chat.Complete(chunks);
        Pass(output);
        return whole;
    }

    public override void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output)
    {
        chunks.Clear();
        chat.WriteEnd(charge, chunks);
        Pass(output);
    }

    public override void WriteFinish(FinishReason reason, IBufferWriter<byte> output)
    {
        chunks.Clear();
        chat.WriteFinish(reason, chunks);
        Pass(output);
    }

    public override void WriteFailure(GatewayError error, IBufferWriter<byte> output)
    {
        chunks.Clear();
        chat.WriteFailure(error, chunks);
        Pass(output);
    }

    public override void Release()
    {
        chunks.Release();
        rewritten.Release();
        template.Release();
        chat.Release();
    }

    private void Pass(IBufferWriter<byte> output)
    {
        // What the model wrote is counted by the chat translator.
        if (!chunks.Written.IsEmpty && !template.TryApply(chunks.Written, output, meter: null))
            Rewrite(output);
        (UpstreamId, Finish, NativeFinish, Usage, PromptUsage, Failure) = (chat.UpstreamId, chat.Finish, chat.NativeFinish, chat.Usage, chat.PromptUsage, chat.Failure);
        (HasContent, HasOutput, Images) = (chat.HasContent, chat.HasOutput, chat.Images);
    }

    private void Rewrite(IBufferWriter<byte> output)
    {
        rewritten.Clear();
        var copied = default(CopiedText);
        CompletionForm.WriteEvents(chunks.Written, rewritten, ref copied);
        template.Learn(chunks.Written, rewritten.Written, copied);
        output.Write(rewritten.Written);
    }
}
