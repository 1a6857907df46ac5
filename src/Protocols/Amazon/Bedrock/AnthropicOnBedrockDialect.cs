using System.Buffers;
using Fairlead.Protocols.Anthropic.Messages;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>
/// Claude on Bedrock, in Anthropic's own format inside Bedrock's framing (InvokeModel; providers contract §5.1, §7.4): nothing of the vendor's features is lost, as it
/// would be through Converse. Stateless.
/// </summary>
public sealed class AnthropicOnBedrockDialect : IUpstreamDialect
{
    private static readonly AnthropicMessagesDialect Inner = AnthropicMessagesDialect.Instance;

    private AnthropicOnBedrockDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static AnthropicOnBedrockDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.AnthropicMessages;

    /// <inheritdoc/>
    public string StreamMediaType => BedrockDialect.EventStream;

    /// <inheritdoc/>
    public FrameReader CreateFrameReader(int maxEventBytes) => new InvokeFrameReader(maxEventBytes);

    /// <inheritdoc/>
    public bool RequiresInlineMedia(UpstreamTarget target, Part part) => Inner.RequiresInlineMedia(target, part);

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => Inner.PathFor(target, stream);

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        Inner.HeadersFor(target, call, apiKey);

    /// <inheritdoc/>
    public bool Forwards(CanonicalRequest request, UpstreamTarget target, UpstreamCall call) => Inner.Forwards(request, target, call);

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        Inner.WriteRequest(request, target, call, output);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => BedrockFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => Inner.ReadAnswer(body, target);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new InvokeEventReader(Inner.CreateEventReader(target));
}
