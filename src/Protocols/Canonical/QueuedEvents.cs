using System.Buffers;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>
/// An answer whose events are put together here, as an upstream that streams them: whoever translates it is given a <see cref="Mark"/> for as many as wait. Only what
/// reading a stream needs is there. Not thread-safe.
/// </summary>
public sealed class QueuedEvents : IUpstreamDialect
{
    private readonly List<AnswerEvent> waiting = [];

    /// <summary>Stands for the events that wait, in the framing of server-sent events.</summary>
    public static ReadOnlyMemory<byte> Mark { get; } = "data: .\n\n"u8.ToArray();

    /// <summary>Nothing waits to be read.</summary>
    public bool IsEmpty => waiting.Count == 0;

    /// <summary>The answer is whole: what waits is its end.</summary>
    public bool IsWhole { get; private set; }

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Other;

    /// <summary>Puts an event behind those that wait.</summary>
    public void Add(AnswerEvent e) => waiting.Add(e);

    /// <summary>Puts the last event of a whole answer behind them.</summary>
    public void End(AnswerFinished finish)
    {
        waiting.Add(finish);
        IsWhole = true;
    }

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new Reader(this);

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
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => throw new NotSupportedException("The answer comes in events.");

    private sealed class Reader(QueuedEvents queue) : IAnswerEventReader
    {
        public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
        {
            events.AddRange(queue.waiting);
            queue.waiting.Clear();
            return queue.IsWhole ? StreamStep.End : StreamStep.Continue;
        }

        public bool Complete(List<AnswerEvent> events) => queue.IsWhole;
    }
}
