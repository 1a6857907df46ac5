using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>Writes the events of one streamed answer in a client's dialect. One instance per stream; each call writes whole events.</summary>
internal interface IAnswerStreamWriter
{
    /// <summary>What the model read, known before the answer ends; for dialects that say it at the beginning.</summary>
    void NotePrompt(in Usage prompt)
    {
    }

    /// <summary>More had to be held back, for the order of the dialect's events, than is: the answer cannot be written.</summary>
    bool IsOverfull => false;

    /// <summary>A piece of text; never empty.</summary>
    void WriteText(string text, IBufferWriter<byte> output);

    /// <summary>A piece of a refusal; never empty.</summary>
    void WriteRefusal(string text, IBufferWriter<byte> output);

    /// <summary>A fragment of a reasoning block that is shown.</summary>
    void WriteReasoning(ReasoningDetail detail, IBufferWriter<byte> output);

    /// <summary>A call opens; <paramref name="index"/> counts the answer's calls from 0.</summary>
    void WriteCallStart(ToolCallStarted call, int index, IBufferWriter<byte> output);

    /// <summary>A piece of the arguments of call <paramref name="index"/>; never empty.</summary>
    void WriteCallArguments(int index, string fragment, IBufferWriter<byte> output);

    /// <summary>An image.</summary>
    void WriteImage(ImageProduced image, IBufferWriter<byte> output);

    /// <summary>A citation of text written before.</summary>
    void WriteCitation(UrlCitation citation, IBufferWriter<byte> output);

    /// <summary>A file of the prompt that was parsed; not written where the dialect has no place for it.</summary>
    void WriteFile(FileParsed file, IBufferWriter<byte> output)
    {
    }

    /// <summary>The answer is whole; written once. What tells the caller that it may stop listening waits for <see cref="WriteEnd"/>.</summary>
    void WriteFinish(FinishReason reason, string? native, IBufferWriter<byte> output);

    /// <summary>Usage, cost and the terminator.</summary>
    void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output);

    /// <summary>The answer broke, and the terminator. <paramref name="isFinished"/>: its finish was written already.</summary>
    void WriteFailure(GatewayError error, string? native, bool isFinished, IBufferWriter<byte> output);
}
