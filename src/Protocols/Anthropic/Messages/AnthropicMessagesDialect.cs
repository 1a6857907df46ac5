using System.Buffers;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Anthropic.Messages;

/// <summary>
/// Anthropic's Messages format as an upstream: api.anthropic.com, servers that speak the same, Vertex and Azure (providers contract §5). Stateless. What clouds
/// want otherwise is in <see cref="AnthropicSurface"/>.
/// </summary>
public sealed class AnthropicMessagesDialect : IUpstreamDialect
{
    private const string Version = "2023-06-01";
    private const string FastMode = "fast-mode-2026-02-01";

    private AnthropicMessagesDialect()
    {
    }

    /// <summary>The one instance.</summary>
    public static AnthropicMessagesDialect Instance { get; } = new();

    /// <inheritdoc/>
    public UpstreamProtocol Protocol => UpstreamProtocol.AnthropicMessages;

    /// <inheritdoc/>
    public string PathFor(UpstreamTarget target, bool stream) => AnthropicSurface.PathFor(target, stream);

    /// <inheritdoc/>
    public bool RequiresInlineMedia(UpstreamTarget target, Part part) => AnthropicMedia.RequiresInlineMedia(target, part);

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> HeadersFor(UpstreamTarget target, UpstreamCall call, string? apiKey)
    {
        if (target.Host is CloudHost.Vertex or CloudHost.Bedrock)
            return apiKey is null ? [] : [new("Authorization", "Bearer " + apiKey)];
        var headers = new List<KeyValuePair<string, string>>(4) { new("anthropic-version", Version) };
        // OAuth tokens of the vendor's subscriptions go where tokens go; keys have a header of their own.
        if (apiKey is not null)
            headers.Add(apiKey.StartsWith("sk-ant-oat", StringComparison.Ordinal) ? new("Authorization", "Bearer " + apiKey) : new("x-api-key", apiKey));
        // The platform reads its own, and what it serves reads the vendor's.
        if (apiKey is not null && target.Host == CloudHost.Azure)
            headers.Add(new("api-key", apiKey));
        IEnumerable<string> betas = call.AnthropicBetas ?? [];
        if (AnthropicModels.IsFast(target))
            betas = betas.Append(FastMode).Distinct();
        if (string.Join(',', betas) is { Length: > 0 } flags)
            headers.Add(new("anthropic-beta", flags));
        return headers;
    }

    /// <inheritdoc/>
    public bool Forwards(CanonicalRequest request, UpstreamTarget target, UpstreamCall call) =>
        request is { Dialect: ClientDialect.Messages, Original.IsEmpty: false } && !call.WithoutSignatures && AnthropicSurface.TakesAsItStands(request, target);

    /// <inheritdoc/>
    public GatewayError? WriteRequest(CanonicalRequest request, UpstreamTarget target, UpstreamCall call, IBufferWriter<byte> output)
    {
        if (!Forwards(request, target, call))
            return AnthropicRequestWriter.Write(request, target, call, output);
        AnthropicRequestEditor.Write(request, target, call, output);
        return null;
    }

    /// <inheritdoc/>
    public UpstreamFailure ReadFailure(int status, Func<string, string?> header, ReadOnlySpan<byte> body) =>
        AnthropicFailures.FromResponse(status, header, body);

    /// <inheritdoc/>
    public AnswerReading ReadAnswer(ReadOnlyMemory<byte> body, UpstreamTarget target) => AnthropicAnswerReader.Read(body);

    /// <inheritdoc/>
    public IAnswerEventReader CreateEventReader(UpstreamTarget target) => new AnthropicEventReader();
}
