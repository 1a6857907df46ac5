using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Amazon.Bedrock;

/// <summary>Bedrock's Converse format as an upstream, for models of every author but Anthropic (providers contract §7). Stateless.</summary>
public sealed class BedrockDialect : IUpstreamDialect
{
    /// <summary>The content type of streamed answers.</summary>
    public const string EventStream = "application/vnd.amazon.eventstream";

    private BedrockDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static BedrockDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Bedrock;

    /// <inheritdoc/>
    public string StreamMediaType => EventStream;

    /// <inheritdoc/>
    public FrameReader CreateFrameReader(int maxEventBytes) => new AwsEventStreamReader(maxEventBytes);

    /// <inheritdoc/>
    public bool RequiresInlineMedia(UpstreamTarget target, Part part) => ConverseMedia.RequiresInlineMedia(part);

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => $"/model/{Uri.EscapeDataString(target.Model)}/{(stream ? "converse-stream" : "converse")}";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        apiKey is null ? [] : [new("Authorization", "Bearer " + apiKey)];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        ConverseRequestWriter.Write(request, target, call, output);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => BedrockFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => ConverseAnswerReader.Read(body);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new ConverseEventReader();
}
