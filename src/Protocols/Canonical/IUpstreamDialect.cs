using System.Buffers;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Framing;
using Fairlead.Protocols.Sse;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// One upstream wire format: pure mapping in both directions, no I/O, no state between requests. Everything a provider sends is untrusted:
/// no method throws on any bytes, a failure is a value.
/// </summary>
public interface IUpstreamDialect : IUpstreamFormat
{
    /// <summary>The format.</summary>
    UpstreamProtocol Protocol { get; }

    /// <summary>The content type of a streamed answer.</summary>
    string StreamMediaType => "text/event-stream";

    /// <summary>Splits a streamed answer into events of at most <paramref name="maxEventBytes"/>.</summary>
    FrameReader CreateFrameReader(int maxEventBytes) => new SseFrameReader(maxEventBytes);

    /// <summary>
    /// The endpoint cannot fetch this part's address itself, so that a fetcher (P-06) must turn it into a <c>data:</c> URL before <see cref="WriteRequest"/>,
    /// which refuses it otherwise.
    /// </summary>
    bool RequiresInlineMedia(UpstreamTarget target, Part part) => false;

    /// <summary>
    /// True where <see cref="WriteRequest"/> sends the caller's own bytes of another dialect than chat completions with edits (<see cref="CanonicalRequest.Original"/>),
    /// so that the answer is edited for the caller too.
    /// </summary>
    bool Forwards(CanonicalRequest request, UpstreamTarget target, UpstreamCall call) => false;

    /// <summary>Writes the body. Same dialect as the caller: the caller's bytes with edits. Returns a failure where the request cannot be said in this format.</summary>
    GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output);

    /// <summary>Reads a whole non-streamed answer (status 2xx). A body with an error inside, or one that cannot be read, comes back as a failure.</summary>
    AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target);

    /// <summary>A reader for one streamed answer.</summary>
    IAnswerEventReader CreateEventReader(UpstreamTarget target);
}

/// <summary>Reads the events of one streamed answer into canonical events. One instance per stream; not thread-safe.</summary>
public interface IAnswerEventReader
{
    /// <summary>
    /// Reads one event and appends what it means to <paramref name="events"/> (nothing for keep-alives and unknown types).
    /// Returns how the stream goes on.
    /// </summary>
    StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events);

    /// <summary>
    /// The body ended. Appends what was still open (a held-back piece of text, a tool call's closing arguments). Returns false when the stream
    /// ended without a finish marker (P-03): the answer is then a failure.
    /// </summary>
    bool Complete(List<AnswerEvent> events);

    /// <summary>The provider said so far that it serves at its default tier, whatever it was asked for.</summary>
    bool ServedAtDefaultTier => false;
}

/// <summary>What one upstream event means for the relay.</summary>
public enum StreamStep
{
    /// <summary>Keep reading.</summary>
    Continue,
    /// <summary>The stream's own terminator: do not wait for more.</summary>
    End,
    /// <summary>The event could not be parsed.</summary>
    Unreadable,
}

/// <summary>A whole non-streamed answer, as far as the gateway needs to understand it.</summary>
public sealed record AnswerReading
{
    /// <summary>A body of status 200 that is no usable answer: another endpoint is asked.</summary>
    internal static AnswerReading Unusable(string why) => new()
    {
        Failure = new UpstreamFailure { Kind = ErrorKind.ProviderUnavailable, Retry = RetryClass.Next, Status = 200, Message = why },
    };

    /// <summary>Set when the answer is a failure in disguise (200 with an error body) or unreadable; everything else is then meaningless.</summary>
    public UpstreamFailure? Failure { get; init; }
    /// <summary>The provider's id of the answer.</summary>
    public string? UpstreamId { get; init; }
    /// <summary>The model the provider says it used.</summary>
    public string? UpstreamModel { get; init; }
    /// <summary>Why the first choice ended.</summary>
    public FinishReason Finish { get; init; }
    /// <summary>The provider's own word.</summary>
    public string? NativeFinish { get; init; }
    /// <summary>Usage, or null when the provider reported none.</summary>
    public Usage? Usage { get; init; }
    /// <summary>The answer's events, where it has to be rewritten in another dialect; null where the bytes are edited in place.</summary>
    public IReadOnlyList<AnswerEvent>? Events { get; init; }
    /// <summary>The reasoning of the answer, in blocks or fragments of them; empty where the answer is edited in place.</summary>
    public IReadOnlyList<ReasoningDetail> Reasoning => Events is null ? [] : [.. Events.OfType<ReasoningDelta>().Select(static e => e.Detail)];

    /// <summary>The events of the answer, read from <paramref name="body"/>, which this was read from, where they are not there yet.</summary>
    public IReadOnlyList<AnswerEvent> EventsOf(ReadOnlyMemory<byte> body) => Events ?? OpenAI.ChatCompletions.Upstream.ChatEventReader.ReadWhole(body.Span);

    /// <summary>All text the model wrote (content, reasoning, refusal, call arguments), for counting when usage is missing. Null unless <see cref="Usage"/> is.</summary>
    public string? EmittedText { get; init; }
    /// <summary><see cref="EmittedText"/>, read now where usage was reported but is not believed (invariant M6).</summary>
    public string ReadEmittedText(ReadOnlySpan<byte> body) =>
        EmittedText ?? (Events is null ? OpenAI.ChatCompletions.Upstream.ChatAnswerReader.ReadText(body) : AnswerFromEvents.Text(Events));

    /// <summary>The calls of the answer, all choices together; null when one is too long to be judged. <paramref name="body"/> is what this was read from.</summary>
    public IReadOnlyList<ToolCall>? ReadCalls(ReadOnlySpan<byte> body) =>
        Events is null ? OpenAI.ChatCompletions.Upstream.ChatAnswerReader.ReadCalls(body) : AnswerCalls.Of(Events);

    /// <summary>The answer has no text, no call, no image, no refusal and no reasoning.</summary>
    public bool Empty { get; init; }
    /// <summary>The reasoning blocks, calls and images it held, for records.</summary>
    public int ToolCalls { get; init; }
    /// <summary>Images the model made.</summary>
    public int Images { get; init; }
    /// <summary>The provider says that it served at its default tier, whatever it was asked for.</summary>
    public bool ServedAtDefaultTier { get; init; }
}
