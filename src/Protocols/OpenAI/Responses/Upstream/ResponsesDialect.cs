using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

namespace Fairlead.Protocols.OpenAI.Responses.Upstream;

/// <summary>OpenAI's Responses as an upstream (providers contract §3.2, §3.3), always stateless: nothing is stored there, each request carries the whole conversation.</summary>
public sealed class ResponsesDialect : IUpstreamDialect
{
    private ResponsesDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static ResponsesDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.OpenAIResponses;

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => "/responses";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        OpenAIChatDialect.Default.HeadersFor(target, call, apiKey);

    /// <inheritdoc/>
    public bool Forwards(CanonicalRequest request, UpstreamTarget target, UpstreamCall call) => ResponsesForwarding.Applies(request, target, call);

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        ResponsesRequestWriter.Write(new RequestContext(request, target, call), output);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => ResponsesFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => ResponsesAnswerReader.Read(body, target);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new ResponsesEventReader(target);
}
