using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>Who an answer is from, as the caller will see it. Fixed once an endpoint is chosen.</summary>
/// <param name="GenerationId">Our <c>gen-…</c> id.</param>
/// <param name="Model">The public slug of the serving model (I-21).</param>
/// <param name="Provider">The provider's display name.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="ExcludeReasoning">Reasoning text is not returned, encrypted blocks are (I-40).</param>
public sealed record AnswerIdentity(string GenerationId, string Model, string Provider, long Created, bool ExcludeReasoning = false)
{
    /// <summary>The endpoint speaks the caller's own dialect and was sent the caller's bytes: its answer is edited, not written anew.</summary>
    public bool Forwarded { get; init; }
    /// <summary>The caller's own bytes, for dialects whose answers repeat what was asked; empty where none of them is meant.</summary>
    public ReadOnlyMemory<byte> Asked { get; init; }

    /// <summary>With <c>exclude</c> the readable blocks are held back; encrypted ones are needed to go on (I-40).</summary>
    internal bool Shows(ReasoningDetail detail) => !ExcludeReasoning || detail.Type is not ("reasoning.text" or "reasoning.summary");
}

/// <summary>Usage and what it cost, as shown in the answer: the caller was charged exactly <see cref="Cost"/> (invariant M1).</summary>
public sealed record AnswerCharge
{
    /// <summary>The counts shown.</summary>
    public required Usage Usage { get; init; }
    /// <summary>US dollars charged.</summary>
    public required decimal Cost { get; init; }
    /// <summary>Whole seconds from the request's arrival to the charge.</summary>
    public long TookSeconds { get; init; }
    /// <summary>The caller's own provider key was used.</summary>
    public bool IsByok { get; init; }
    /// <summary>What the provider charges for the prompt; null when unknown, then <c>cost_details</c> is omitted (I-31).</summary>
    public decimal? UpstreamPromptCost { get; init; }
    /// <summary>What the provider charges for the completion.</summary>
    public decimal? UpstreamCompletionCost { get; init; }
    /// <summary>What the provider charges in all.</summary>
    public decimal? UpstreamCost { get; init; }
    /// <summary>The service tier that answered: <c>priority</c>, <c>flex</c>, or null for the one everybody has.</summary>
    public string? ServiceTier { get; init; }
    /// <summary>The tools the gateway ran for the answer; null where it ran none.</summary>
    public ServerToolUse? ToolUse { get; init; }
    /// <summary>The <c>openrouter_metadata</c> object as JSON (routing §17); empty when the caller did not ask for it.</summary>
    public ReadOnlyMemory<byte> RouterMetadata { get; init; }
}

/// <summary>What the tools that the gateway runs did for one answer.</summary>
/// <param name="Requested">Calls the model asked for.</param>
/// <param name="Executed">Of them, those that were run.</param>
/// <param name="Searches">Of those, searches of the web. What the provider searched is <see cref="Usage.WebSearchRequests"/>.</param>
/// <param name="Fetches">Likewise, pages that were asked for.</param>
public readonly record struct ServerToolUse(int Requested, int Executed, int Searches, int Fetches);

/// <summary>One client wire format. Pure; no I/O.</summary>
public interface IClientDialect
{
    /// <summary>The format.</summary>
    ClientDialect Dialect { get; }

    /// <summary>Answers carry reasoning of every vendor, signatures and encrypted blocks too, and callers can send it back.</summary>
    bool CarriesReasoning => true;

    /// <summary>Reads and validates a body (inference §3). Exactly one of the two results is set.</summary>
    (CanonicalRequest? Request, GatewayError? Error) ReadRequest(ReadOnlyMemory<byte> body);

    /// <summary>
    /// A translator for one streamed answer: it reads the upstream's events and writes this dialect's. Where both sides speak the same dialect
    /// the bytes are edited in place, otherwise they go through <see cref="AnswerEvent"/>.
    /// </summary>
    StreamTranslator CreateStreamTranslator(IUpstreamDialect upstream, UpstreamTarget target, AnswerIdentity identity);

    /// <summary>Writes a whole non-streamed answer. <paramref name="body"/> is the upstream's, which <paramref name="reading"/> was read from.</summary>
    void WriteAnswer(AnswerReading reading, ReadOnlyMemory<byte> body, AnswerIdentity identity, AnswerCharge charge, IBufferWriter<byte> output);

    /// <summary>Writes an error body in this dialect's shape (inference §13). <paramref name="userId"/> is shown once the caller is known.</summary>
    void WriteError(GatewayError error, string generationId, string? userId, IBufferWriter<byte> output);

    /// <summary>
    /// Writes an error, and the terminator, into a stream that has begun with comments only: no endpoint has answered yet. <paramref name="identity"/>: who was asked;
    /// its provider is empty where none was.
    /// </summary>
    void WriteStreamError(GatewayError error, AnswerIdentity identity, string? userId, IBufferWriter<byte> output);
}

/// <summary>
/// Turns one upstream stream into client bytes, event by event, and gathers what Settle needs. One instance per attempt; not thread-safe.
/// Nothing it writes is sent before the relay commits, so a failed attempt's translator is simply dropped with its bytes.
/// </summary>
public abstract class StreamTranslator
{
    /// <summary>A translator that counts for itself.</summary>
    protected StreamTranslator()
        : this(new Tokens.OutputMeter())
    {
    }

    /// <summary>A translator around another one, whose count is its own.</summary>
    protected StreamTranslator(Tokens.OutputMeter meter) => Meter = meter;

    /// <summary>The provider's id of the answer.</summary>
    public string? UpstreamId { get; protected set; }
    /// <summary>Why the answer ended, as announced so far.</summary>
    public FinishReason Finish { get; protected set; }
    /// <summary>The provider's own word for it.</summary>
    public string? NativeFinish { get; protected set; }
    /// <summary>Usage as last reported, or null.</summary>
    public Usage? Usage { get; protected set; }
    /// <summary>
    /// What the model read, where the provider says it before the answer ends; its completion counts mean nothing. For a stream that is cut before
    /// <see cref="Usage"/> is known.
    /// </summary>
    public Usage? PromptUsage { get; protected set; }
    /// <summary>The provider said that it serves at its default tier, whatever it was asked for.</summary>
    public bool ServedAtDefaultTier { get; protected set; }
    /// <summary>A failure the provider reported in band.</summary>
    public UpstreamFailure? Failure { get; protected set; }
    /// <summary>Something meaningful was written: text, reasoning, a call, an image, a refusal, or a finish.</summary>
    public bool HasContent { get; protected set; }
    /// <summary>Text, reasoning, call, image or refusal was seen (a finish alone does not count).</summary>
    public bool HasOutput { get; protected set; }
    /// <summary>Images seen so far.</summary>
    public int Images { get; protected set; }
    /// <summary>Keep the calls of the answer for <see cref="ReadCalls"/>. Set before the first event. Default false.</summary>
    public bool KeepsCalls { get; set; }
    /// <summary>The calls of the answer so far, all choices together; null where they are not kept or too long to be.</summary>
    public virtual IReadOnlyList<ToolCall>? ReadCalls() => null;
    /// <summary>Keep the text of the answer for <see cref="ReadText"/>. Set before the first event. Default false.</summary>
    public bool KeepsText { get; set; }
    /// <summary>The text of the first choice so far; null where it is not kept, or too long to be.</summary>
    public virtual string? ReadText() => null;
    /// <summary>Keep the reasoning of the answer for <see cref="ReadReasoning"/>. Set before the first event. Default false.</summary>
    public bool KeepsReasoning { get; set; }
    /// <summary>The fragments of reasoning so far; empty where they are not kept.</summary>
    public virtual IReadOnlyList<ReasoningDetail> ReadReasoning() => [];
    /// <summary>What plugins note about the answer, written before its finish. Set before the first event. Null without a plugin that does.</summary>
    public IAnswerAmender? Amender { get; set; }
    /// <summary>Counts what the model wrote, for charges when the provider reports no usage.</summary>
    public Tokens.OutputMeter Meter { get; }

    /// <summary>
    /// Translates one upstream event into zero or more client events on <paramref name="output"/>. The finish is written when it is known, unless it is
    /// <see cref="FinishReason.Error"/>: then <see cref="WriteFailure"/> ends the answer. Usage is held back for <see cref="WriteEnd"/>.
    /// </summary>
    public abstract StreamStep Translate(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, IBufferWriter<byte> output);

    /// <summary>The upstream body ended. Writes what was still open; false when there was no finish marker (P-03).</summary>
    public abstract bool Complete(IBufferWriter<byte> output);

    /// <summary>Writes the usage chunk and the terminator (I-24).</summary>
    public abstract void WriteEnd(AnswerCharge charge, IBufferWriter<byte> output);

    /// <summary>Ends the answer early with a finish chunk of <paramref name="reason"/> (a hold that could not grow ends with <c>length</c>, I-63).</summary>
    public abstract void WriteFinish(FinishReason reason, IBufferWriter<byte> output);

    /// <summary>Writes the error chunk (§4.5) and the terminator.</summary>
    public abstract void WriteFailure(GatewayError error, IBufferWriter<byte> output);

    /// <summary>Returns pooled memory.</summary>
    public virtual void Release() => Meter.Release();
}
