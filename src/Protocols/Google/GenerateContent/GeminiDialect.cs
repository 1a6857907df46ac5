using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Google.GenerateContent;

/// <summary>Google's <c>generateContent</c> format as an upstream, as AI Studio speaks it (providers contract §6). Stateless.</summary>
public sealed class GeminiDialect : IUpstreamDialect
{
    private GeminiDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static GeminiDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.Gemini;

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) =>
        stream ? $"/{ResourceOf(target.Model)}:streamGenerateContent?alt=sse" : $"/{ResourceOf(target.Model)}:generateContent";

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey) =>
        apiKey is null ? [] : target.Host == CloudHost.Vertex ? [new("Authorization", "Bearer " + apiKey)] : [new("x-goog-api-key", apiKey)];

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output) =>
        GeminiRequestWriter.Write(request, target, call, output);

    /// <inheritdoc/>
    public bool RequiresInlineMedia(UpstreamTarget target, Part part) => GeminiMedia.RequiresInlineMedia(GeminiModels.For(target), part);

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) =>
        GeminiFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => GeminiAnswerReader.Read(body);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new GeminiEventReader();

    /// <summary>A model as the vendor's paths name it. Tuned models and the vendor's own listing carry the collection in the name.</summary>
    internal static string ResourceOf(string model) =>
        model.StartsWith("models/", StringComparison.Ordinal) || model.StartsWith("tunedModels/", StringComparison.Ordinal)
            ? string.Join('/', model.Split('/').Select(Uri.EscapeDataString))
            : "models/" + Uri.EscapeDataString(model);
}
