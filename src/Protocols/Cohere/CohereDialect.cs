using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Cohere;

/// <summary>Cohere's chat format, version 2, as an upstream (providers contract §9). Stateless.</summary>
public sealed class CohereDialect : IUpstreamDialect
{
    private CohereDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static CohereDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Cohere;

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => "/chat";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        apiKey is null ? [] : [new("Authorization", "Bearer " + apiKey)];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        CohereRequestWriter.Write(request, target, call, output);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) =>
        CohereFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => CohereAnswerReader.Read(body);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new CohereEventReader();
}
