using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Tests.ChatClient;

/// <summary>An upstream whose events are given: the data of its n-th event is ignored and the n-th list is what it means.</summary>
internal sealed class ScriptedUpstream(params IReadOnlyList<AnswerEvent>[] script) : IUpstreamDialect
{
    public UpstreamProtocol Protocol => UpstreamProtocol.AnthropicMessages;

    /// <summary>What the end of the body still brings.</summary>
    public IReadOnlyList<AnswerEvent> AtEnd { get; init; } = [];

    /// <summary>The body ends without a finish marker.</summary>
    public bool IsCut { get; init; }

    public string PathFor(UpstreamTarget target, bool stream) => throw new NotSupportedException();

    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) => throw new NotSupportedException();

    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        throw new NotSupportedException();

    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => throw new NotSupportedException();

    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => throw new NotSupportedException();

    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new Reader(script, this);

    private sealed class Reader(IReadOnlyList<AnswerEvent>[] script, ScriptedUpstream owner) : IAnswerEventReader
    {
        private int next;

        public StreamStep Read(ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> data, List<AnswerEvent> events)
        {
            events.AddRange(script[next++]);
            return next == script.Length ? StreamStep.End : StreamStep.Continue;
        }

        public bool Complete(List<AnswerEvent> events)
        {
            events.AddRange(owner.AtEnd);
            return !owner.IsCut;
        }
    }
}
