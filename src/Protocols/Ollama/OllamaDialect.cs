using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Framing;

namespace Fairlead.Protocols.Ollama;

/// <summary>Ollama's own chat format as an upstream (providers contract §10.1, P-08). Stateless.</summary>
public sealed class OllamaDialect : IUpstreamDialect
{
    private OllamaDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static OllamaDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Ollama;

    /// <inheritdoc/>
    public string StreamMediaType => "application/x-ndjson";

    /// <inheritdoc/>
    public FrameReader CreateFrameReader(int maxEventBytes) => new JsonLinesReader(maxEventBytes);

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => "/api/chat";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        apiKey is null ? [] : [new("Authorization", "Bearer " + apiKey)];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        OllamaRequestWriter.Write(request, target, call, output);

    /// <inheritdoc/>
    public bool RequiresInlineMedia(UpstreamTarget target, Part part) => part is ImagePart { Url: var url } && !url.StartsWith("data:", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) => FailureClassifier.Classify(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => OllamaAnswerReader.Read(body);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new OllamaEventReader();
}
