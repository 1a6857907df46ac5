using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// An answer that is there whole, as an upstream that streams it in one event: for callers who asked for a stream of what had to be read to its end first. Only what
/// reading a stream needs is there.
/// </summary>
public sealed class ReplayedAnswer(IReadOnlyList<AnswerEvent> events) : IUpstreamDialect
{
    /// <summary>The one event of the stream, in the framing of server-sent events.</summary>
    public static ReadOnlyMemory<byte> Stream { get; } = "data: whole\n\n"u8.ToArray();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Other;

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new Reader(events);

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => throw new NotSupportedException("Nothing is sent to an answer.");

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) => [];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        throw new NotSupportedException("Nothing is sent to an answer.");

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => throw new NotSupportedException("An answer is no failure.");

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => throw new NotSupportedException("The answer was read.");

    private sealed class Reader(IReadOnlyList<AnswerEvent> left) : IAnswerEventReader
    {
        private bool given;

        public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
        {
            if (!given)
                events.AddRange(left);
            given = true;
            return StreamStep.End;
        }

        public bool Complete(List<AnswerEvent> events) => true;
    }
}
